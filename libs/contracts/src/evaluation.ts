import { z } from 'zod';
import { time } from './ids.js';

/** What an evaluation leaves besides its metrics. */
export const sampleKinds = ['predictions', 'confusion-matrix', 'per-label', 'by-length', 'signatures', 'lab'] as const;
export const sampleKind = z.enum(sampleKinds);
export type SampleKind = z.infer<typeof sampleKind>;

/** A few held-out examples with what the model made of them. */
export const predictionSamples = z.array(
  z.object({ input: z.string(), expected: z.string(), predicted: z.string(), correct: z.boolean().nullable() }),
);
/** counts[i][j]: examples of label i taken for label j. */
export const confusionMatrix = z.object({ labels: z.array(z.string()), counts: z.array(z.array(z.number().int())) });
export const perLabel = z.array(
  z.object({
    label: z.string(),
    precision: z.number(),
    recall: z.number(),
    f1: z.number(),
    support: z.number().int(),
  }),
);
/** Quality of translations by the number of tokens of the source, [from, to). */
export const byLength = z.array(
  z.object({
    from: z.number().int(),
    to: z.number().int().nullable(),
    examples: z.number().int(),
    bleu: z.number(),
    exact: z.number(),
  }),
);
/** How a measure was computed, so that others can compute the same: sacreBLEU's signatures by metric. */
export const signatures = z.record(z.string(), z.string());
export type PredictionSamples = z.infer<typeof predictionSamples>;
export type ConfusionMatrix = z.infer<typeof confusionMatrix>;
export type PerLabel = z.infer<typeof perLabel>;
export type ByLength = z.infer<typeof byLength>;

const row = z.array(z.number());
const curve = z.object({ x: row, y: row });
/** What an attention-lab run leaves, kind `lab`: data for pictures. */
export const labResult = z.discriminatedUnion('experiment', [
  z.object({
    experiment: z.literal('nadaraya-watson'),
    /** The noisy training points. */
    points: curve,
    /** The true function, the fit with the kernel's width 1, and the fit with the width that was learnt. */
    truth: curve,
    before: curve,
    after: curve,
    /** Attention weights of the queries (rows) on the training points in order of x (columns). */
    weightsBefore: z.array(row),
    weightsAfter: z.array(row),
    /** The learnt factor w of the distance; 1 / w is the width. */
    w: z.number(),
  }),
  z.object({
    experiment: z.literal('positions'),
    /** [position][dimension] */
    matrix: z.array(row),
    offset: z.number().int(),
    /** The map R(δ) from p(i) to p(i + δ), [dimension][dimension], and the largest error it leaves at any i. */
    map: z.array(row),
    residual: z.number(),
  }),
  z.object({
    experiment: z.literal('layer-comparison'),
    layers: z.array(
      z.object({
        layer: z.enum(['self-attention', 'rnn', 'cnn']),
        /** As the paper has it (Vaswani et al., 2017, table 1): `O(n²·d)`, … */
        complexity: z.string(),
        sequentialOperations: z.string(),
        points: z.array(
          z.object({
            length: z.number().int(),
            milliseconds: z.number(),
            flops: z.number(),
            /** Layers that a signal passes from one end to the other, from the Jacobian's receptive field. */
            pathLength: z.number().int(),
          }),
        ),
        /** Slope of log(milliseconds) against log(length), over the longer half of the lengths: at short ones constant costs hide the growth. */
        slope: z.number(),
      }),
    ),
  }),
]);
export type LabResult = z.infer<typeof labResult>;

/** GET /runs/:id/samples */
export const samples = z.object({ step: z.number().int(), kind: sampleKind, data: z.unknown(), time });
export type Samples = z.infer<typeof samples>;

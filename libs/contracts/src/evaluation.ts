import { z } from 'zod';
import { time } from './ids.js';

/** What an evaluation leaves besides its metrics. */
export const sampleKinds = ['predictions', 'confusion-matrix', 'per-label', 'by-length', 'lab'] as const;
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
export type PredictionSamples = z.infer<typeof predictionSamples>;
export type ConfusionMatrix = z.infer<typeof confusionMatrix>;
export type PerLabel = z.infer<typeof perLabel>;
export type ByLength = z.infer<typeof byLength>;

/** GET /runs/:id/samples */
export const samples = z.object({ step: z.number().int(), kind: sampleKind, data: z.unknown(), time });
export type Samples = z.infer<typeof samples>;

import { z } from 'zod';
import {
  type CompleteTraining,
  dataset,
  distributed,
  identity,
  type optimizerSection,
  positive,
  type Rule,
} from './common.js';

const nadarayaWatson = z.strictObject({
  experiment: z.literal('nadaraya-watson'),
  examples: z
    .number()
    .int()
    .min(2)
    .max(2000)
    .default(50)
    .meta({ description: 'Training points of y = 2 sin x + x^0.8 + noise' }),
  noise: z.number().min(0).max(10).default(0.5).meta({ description: 'Standard deviation of the noise' }),
  learningRate: z.number().positive().max(10).default(0.5).meta({ description: 'Of plain gradient descent' }),
  epochs: positive(1000).default(5).meta({ description: 'Steps: each uses all points, leave-one-out' }),
});

const positions = z.strictObject({
  experiment: z.literal('positions'),
  length: z.number().int().min(2).max(512).default(60).meta({ description: 'Positions' }),
  hiddenSize: z.number().int().min(2).max(512).multipleOf(2).default(32).meta({ description: 'Width of the encoding' }),
  offset: z.number().int().min(1).max(64).default(5).meta({ description: 'δ of the map from p(i) to p(i+δ)' }),
});

const layers = z.strictObject({
  experiment: z.literal('layer-comparison'),
  lengths: z
    .array(z.number().int().min(4).max(2048))
    .min(2)
    .max(12)
    .default([64, 128, 256, 512, 1024])
    .meta({ description: 'Sequence lengths to time' }),
  hiddenSize: z.number().int().min(4).max(512).multipleOf(4).default(64).meta({ description: 'Width of each layer' }),
  kernelSize: z.number().int().min(2).max(31).default(3).meta({ description: 'Width of the convolution' }),
  repeats: positive(100).default(5).meta({ description: 'Timed runs of each; the fastest counts' }),
});

/** Small experiments whose result is data for pictures: GET /runs/:id/samples. */
export const attentionLabBody = z.strictObject({
  ...identity,
  task: z.literal('attention-lab'),
  dataset: dataset.optional().meta({ description: 'Needs none' }),
  lab: z
    .discriminatedUnion('experiment', [nadarayaWatson, positions, layers])
    .prefault({ experiment: 'nadaraya-watson' }),
  distributed: distributed
    .omit({ logicalShards: true, stragglers: true, compression: true, localSteps: true })
    .prefault({ maxWorkers: 1 }),
});
type Body = z.output<typeof attentionLabBody>;
export type Lab = Body['lab'];
export const labExperiments = ['nadaraya-watson', 'positions', 'layer-comparison'] as const;

/** A lab run is a run like the others: one step a measurement, no data set. Only Nadaraya–Watson has something to learn. */
export interface AttentionLabConfig extends Omit<Body, 'name' | 'dataset' | 'distributed'> {
  name: string;
  dataset?: string;
  distributed: Body['distributed'] & { logicalShards: number; stragglers: 'warn'; compression: 'none'; localSteps: 1 };
  training: CompleteTraining;
  optimizer: z.output<ReturnType<typeof optimizerSection>>;
}

export function completeAttentionLab(body: Body, name: string): AttentionLabConfig {
  const { lab } = body;
  const steps = lab.experiment === 'nadaraya-watson' ? lab.epochs : 1;
  const learningRate = lab.experiment === 'nadaraya-watson' ? lab.learningRate : 1;
  const logicalShards = 1;
  return {
    ...body,
    name,
    distributed: { ...body.distributed, logicalShards, stragglers: 'warn', compression: 'none', localSteps: 1 },
    training: {
      maxSteps: steps,
      globalBatchSize: 1,
      microBatchSize: 1,
      maxLength: 8,
      evaluateEvery: 1,
      checkpointEvery: steps,
      validationFraction: 0.5,
      maxRestarts: 5,
    },
    optimizer: {
      type: 'sgd',
      learningRate,
      weightDecay: 0,
      beta1: 0,
      beta2: 0,
      epsilon: 1e-8,
      schedule: 'constant',
      warmupSteps: 0,
      clipNorm: 1e6,
    },
  };
}

export const attentionLabRules = ({ dataset, distributed, lab }: Body): Rule[] => [
  [
    lab.experiment !== 'layer-comparison' || new Set(lab.lengths).size === lab.lengths.length,
    'lab.lengths',
    'must differ from one another',
  ],
  [dataset === undefined, 'dataset', 'attention-lab needs no dataset'],
  [distributed.minWorkers === 1, 'distributed.minWorkers', 'must be 1: a lab is one small computation'],
  [distributed.maxWorkers === 1, 'distributed.maxWorkers', 'must be 1: a lab is one small computation'],
];

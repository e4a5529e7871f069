import { z } from 'zod';
import { name } from '../ids.js';

/** Pieces of a run's body that every task shares. Each task chooses its own defaults. */
export const positive = (max: number) => z.number().int().min(1).max(max);
export const probability = z.number().min(0).max(0.9);

export const identity = {
  name: name.optional().meta({ description: 'Default: task and dataset' }),
  project: name.default('default'),
  tags: z.array(z.string().trim().min(1).max(50)).max(50).default([]),
  priority: z.number().int().min(-1000).max(1000).default(0).meta({ description: 'Higher runs first' }),
  seed: z.number().int().min(0).max(0xffff_ffff).default(1),
};

export const dataset = z.string().min(1).max(300);

export const initializerRange = z
  .number()
  .min(1e-4)
  .max(1)
  .default(0.02)
  .meta({ description: 'Standard deviation of the initial weights' });

interface TrainingDefaults<Watched extends string> {
  maxLength: number;
  globalBatchSize: number;
  /** Longest sequence that is accepted. */
  longest: number;
  /** What `maxLength` counts. */
  lengthOf: string;
  heldOut: string;
  /** Metrics that early stopping may watch. */
  watched: [Watched, ...Watched[]];
}

/** How long, how much a step, how often to look: the same fields for every task. */
export const trainingSection = <const Watched extends string>(defaults: TrainingDefaults<Watched>) =>
  z.strictObject({
    maxSteps: positive(10_000_000)
      .optional()
      .meta({ description: 'Optimizer steps (default 1000 where maxEpochs is not given)' }),
    maxEpochs: positive(10_000).optional().meta({ description: 'Passes over the training data, instead of maxSteps' }),
    globalBatchSize: positive(65_536)
      .default(defaults.globalBatchSize)
      .meta({ description: 'Sequences a step, over all workers; a multiple of logicalShards' }),
    microBatchSize: positive(4096)
      .optional()
      .meta({ description: 'Sequences a graph run; divides globalBatchSize / logicalShards (default: a whole shard)' }),
    maxLength: z
      .number()
      .int()
      .min(8)
      .max(defaults.longest)
      .default(defaults.maxLength)
      .meta({ description: defaults.lengthOf }),
    evaluateEvery: positive(10_000_000)
      .default(100)
      .meta({ description: 'Steps between evaluations; the end is always evaluated' }),
    checkpointEvery: positive(10_000_000)
      .default(100)
      .meta({ description: 'Steps between checkpoints; the end is always saved' }),
    validationFraction: z.number().min(0.001).max(0.5).default(0.05).meta({ description: defaults.heldOut }),
    maxRestarts: z
      .number()
      .int()
      .min(0)
      .max(100)
      .default(5)
      .meta({ description: 'Failures in a row without a committed step before the run fails' }),
    earlyStopping: z
      .strictObject({
        metric: z
          .enum(defaults.watched as [Watched, ...Watched[]])
          .default(defaults.watched[0] as z.util.NoUndefined<Watched>),
        patience: positive(1000).default(5),
      })
      .optional()
      .meta({ description: 'Stop when the metric has not improved for this many evaluations' }),
  });

interface OptimizerDefaults {
  learningRate: number;
  warmupSteps: number;
  /** Default 0.999, AdamW's own. */
  beta2?: number;
}

export const optimizerSection = (defaults: OptimizerDefaults) =>
  z.strictObject({
    type: z
      .enum(['adamw', 'sgd'])
      .default('adamw')
      .meta({ description: 'AdamW (Loshchilov & Hutter, 2019), or plain gradient descent' }),
    learningRate: z.number().positive().max(1).default(defaults.learningRate).meta({ description: 'Peak rate' }),
    weightDecay: z.number().min(0).max(1).default(0.01).meta({ description: 'Decoupled decay, on matrices only' }),
    beta1: z.number().min(0).lt(1).default(0.9),
    beta2: z
      .number()
      .min(0)
      .lt(1)
      .default(defaults.beta2 ?? 0.999),
    epsilon: z.number().positive().max(1).default(1e-8),
    schedule: z
      .enum(['warmup-linear', 'constant'])
      .default('warmup-linear')
      .meta({ description: 'Linear warm-up, then linear decay to 0 (or constant)' }),
    warmupSteps: z.number().int().min(0).max(10_000_000).default(defaults.warmupSteps),
    clipNorm: z.number().positive().max(1e6).default(1).meta({ description: 'Greatest global norm of the gradient' }),
  });

export const distributed = z.strictObject({
  minWorkers: positive(64).default(1).meta({ description: 'Fewest workers that may train' }),
  maxWorkers: positive(64).default(4).meta({ description: 'Most workers that may train; at most logicalShards' }),
  logicalShards: positive(64)
    .default(8)
    .meta({ description: 'Shards of a step, a power of two: fixes the numbers whatever the number of workers' }),
  compression: z.enum(['none', 'bf16', 'int8']).default('none').meta({
    description:
      'How gradients travel: as they are, as bfloat16 in half the bytes, or as int8 in a quarter (blocks of 32 share a scale, rounding is random). Either rounds every node of the tree of sums: other numbers than without, and as without the same for any number of workers',
  }),
  localSteps: positive(1000).default(1).meta({
    description:
      'Steps that each logical shard makes on its own between two exchanges (1: none). More is a different algorithm (DiLoCo): other numbers, as without the same for any number of workers, and 3 / localSteps of the bytes',
  }),
  stragglers: z.enum(['warn', 'drop']).default('warn').meta({
    description: 'What is done about a rank past twice the median time of its gang: say so, or go on without it too',
  }),
});

/** A rule that crosses fields: whether it holds, the field that is to be changed, and what it must be. */
export type Rule = [holds: boolean, path: string, message: string];

interface Shared {
  training: z.output<ReturnType<typeof trainingSection>>;
  distributed: z.output<typeof distributed>;
}

const powerOfTwo = (n: number): boolean => (n & (n - 1)) === 0;

/** The training section with its size of a micro-batch and its end filled in. */
export type CompleteTraining = Omit<Shared['training'], 'microBatchSize'> & { microBatchSize: number };

export function completeTraining({ training, distributed }: Shared): CompleteTraining {
  const shard = training.globalBatchSize / distributed.logicalShards;
  return {
    ...training,
    microBatchSize: training.microBatchSize ?? shard,
    ...(training.maxEpochs === undefined ? { maxSteps: training.maxSteps ?? 1000 } : {}),
  };
}

/** Rules between training and distribution, alike for every task. */
export function sharedRules({ training, distributed }: Shared): Rule[] {
  const { minWorkers, maxWorkers, logicalShards, localSteps, compression } = distributed;
  const shard = training.globalBatchSize / logicalShards;
  const micro = training.microBatchSize ?? shard;
  return [
    [powerOfTwo(logicalShards), 'distributed.logicalShards', 'must be a power of two'],
    [minWorkers <= maxWorkers, 'distributed.minWorkers', `must not exceed maxWorkers (${maxWorkers})`],
    [maxWorkers <= logicalShards, 'distributed.maxWorkers', `must not exceed logicalShards (${logicalShards})`],
    [Number.isInteger(shard), 'training.globalBatchSize', `must be a multiple of logicalShards (${logicalShards})`],
    [
      !Number.isInteger(shard) || Number.isInteger(shard / micro),
      'training.microBatchSize',
      `must divide globalBatchSize / logicalShards (${shard})`,
    ],
    [
      localSteps === 1 || compression === 'none',
      'distributed.localSteps',
      `must be 1 with compression ${compression}: what shards exchange after steps of their own is not compressed`,
    ],
    [
      training.maxEpochs === undefined || training.maxSteps === undefined,
      'training.maxEpochs',
      'give either maxSteps or maxEpochs',
    ],
  ];
}

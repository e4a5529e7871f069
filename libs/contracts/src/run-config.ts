import { z } from 'zod';
import { name } from './ids.js';
import { bertPresetNames, bertPresets } from './presets.js';

const positive = (max: number) => z.number().int().min(1).max(max);
const probability = z.number().min(0).max(0.9);

const model = z.strictObject({
  preset: z
    .enum(bertPresetNames)
    .default('bert-tiny')
    .meta({ description: 'Sizes to start from; any of them may be overridden' }),
  hiddenSize: positive(4096).optional().meta({ description: 'Width of every layer' }),
  numHiddenLayers: positive(48).optional().meta({ description: 'Number of encoder layers' }),
  numAttentionHeads: positive(64).optional().meta({ description: 'Attention heads a layer; divides hiddenSize' }),
  intermediateSize: positive(16384).optional().meta({ description: 'Width of the feed-forward layer' }),
  maxPositionEmbeddings: positive(2048)
    .optional()
    .meta({ description: 'Longest sequence the model has positions for (default: maxLength)' }),
  hiddenDropoutProb: probability.default(0.1).meta({ description: 'Dropout after embeddings and sublayers' }),
  attentionProbsDropoutProb: probability.default(0.1).meta({ description: 'Dropout on attention weights' }),
  initializerRange: z
    .number()
    .min(1e-4)
    .max(1)
    .default(0.02)
    .meta({ description: 'Standard deviation of the initial weights' }),
});

const tokenizer = z.strictObject({
  type: z.literal('wordpiece').default('wordpiece'),
  vocabSize: z
    .number()
    .int()
    .min(100)
    .max(65_000)
    .default(8000)
    .meta({ description: 'Most entries of the vocabulary, special tokens included' }),
  lowercase: z.boolean().default(true).meta({ description: 'Lower-case and strip accents, as BERT uncased' }),
});

const pretraining = z.strictObject({
  maskProbability: z
    .number()
    .min(0.01)
    .max(0.5)
    .default(0.15)
    .meta({ description: 'Share of tokens to predict (80/10/10 mask/random/keep)' }),
  wholeWord: z.boolean().default(false).meta({ description: 'Mask all pieces of a word together' }),
  nextSentence: z
    .boolean()
    .default(true)
    .meta({ description: 'Train on pairs of segments with the next-sentence task' }),
});

const training = z.strictObject({
  maxSteps: positive(10_000_000)
    .optional()
    .meta({ description: 'Optimizer steps (default 1000 where maxEpochs is not given)' }),
  maxEpochs: positive(10_000).optional().meta({ description: 'Passes over the training data, instead of maxSteps' }),
  globalBatchSize: positive(65_536)
    .default(64)
    .meta({ description: 'Sequences a step, over all workers; a multiple of logicalShards' }),
  microBatchSize: positive(4096)
    .optional()
    .meta({ description: 'Sequences a graph run; divides globalBatchSize / logicalShards (default: a whole shard)' }),
  maxLength: z
    .number()
    .int()
    .min(8)
    .max(2048)
    .default(128)
    .meta({ description: 'Tokens a sequence, special tokens included' }),
  evaluateEvery: positive(10_000_000)
    .default(100)
    .meta({ description: 'Steps between evaluations; the end is always evaluated' }),
  checkpointEvery: positive(10_000_000)
    .default(100)
    .meta({ description: 'Steps between checkpoints; the end is always saved' }),
  validationFraction: z
    .number()
    .min(0.001)
    .max(0.5)
    .default(0.05)
    .meta({ description: 'Share of the documents held out' }),
  maxRestarts: z
    .number()
    .int()
    .min(0)
    .max(100)
    .default(5)
    .meta({ description: 'Failures in a row without a committed step before the run fails' }),
  earlyStopping: z
    .strictObject({
      metric: z.enum(['validation.loss', 'validation.mlm.loss']).default('validation.loss'),
      patience: positive(1000).default(5),
    })
    .optional()
    .meta({ description: 'Stop when the metric has not improved for this many evaluations' }),
});

const optimizer = z.strictObject({
  type: z.literal('adamw').default('adamw'),
  learningRate: z.number().positive().max(1).default(5e-4).meta({ description: 'Peak rate' }),
  weightDecay: z.number().min(0).max(1).default(0.01).meta({ description: 'Decoupled decay, on matrices only' }),
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.999),
  epsilon: z.number().positive().max(1).default(1e-8),
  schedule: z
    .enum(['warmup-linear', 'constant'])
    .default('warmup-linear')
    .meta({ description: 'Linear warm-up, then linear decay to 0 (or constant)' }),
  warmupSteps: z.number().int().min(0).max(10_000_000).default(100),
  clipNorm: z.number().positive().max(1e6).default(1).meta({ description: 'Greatest global norm of the gradient' }),
});

const distributed = z.strictObject({
  minWorkers: positive(64).default(1).meta({ description: 'Fewest workers that may train' }),
  maxWorkers: positive(64).default(4).meta({ description: 'Most workers that may train; at most logicalShards' }),
  logicalShards: positive(64)
    .default(8)
    .meta({ description: 'Shards of a step, a power of two: fixes the numbers whatever the number of workers' }),
});

/** Body of POST /runs. Every field but task and dataset has a default. */
export const runBody = z.strictObject({
  name: name.optional().meta({ description: 'Default: task and dataset' }),
  project: name.default('default'),
  tags: z.array(z.string().trim().min(1).max(50)).max(50).default([]),
  priority: z.number().int().min(-1000).max(1000).default(0).meta({ description: 'Higher runs first' }),
  seed: z.number().int().min(0).max(0xffff_ffff).default(1),
  task: z.enum(['bert-pretrain']),
  dataset: z
    .string()
    .min(1)
    .max(300)
    .meta({ description: 'id, name (newest version) or name@version; built in: brown' }),
  model: model.prefault({}),
  tokenizer: tokenizer.prefault({}),
  pretraining: pretraining.prefault({}),
  training: training.prefault({}),
  optimizer: optimizer.prefault({}),
  distributed: distributed.prefault({}),
});
export type RunBodyInput = z.input<typeof runBody>;
type ParsedBody = z.output<typeof runBody>;

/** The complete configuration of a run: the body with presets and defaults filled in. What trains reads nothing else. */
export interface RunConfig extends Omit<ParsedBody, 'name' | 'model' | 'training'> {
  name: string;
  model: Required<ParsedBody['model']>;
  training: Omit<ParsedBody['training'], 'microBatchSize' | 'maxSteps'> & {
    microBatchSize: number;
    /** undefined only where maxEpochs rules. */
    maxSteps?: number;
  };
}

const powerOfTwo = (n: number): boolean => (n & (n - 1)) === 0;

/**
 * A body with its presets and defaults filled in, and the rules that cross fields checked.
 * @throws ZodError whose issues name the field and the mend
 */
export const runConfig = runBody.transform((body, context): RunConfig => {
  const sizes = bertPresets[body.model.preset];
  const { training, distributed } = body;
  const shard = training.globalBatchSize / distributed.logicalShards;
  const config: RunConfig = {
    ...body,
    name: body.name ?? `${body.task} on ${body.dataset}`.slice(0, 200),
    model: {
      ...body.model,
      hiddenSize: body.model.hiddenSize ?? sizes.hiddenSize,
      numHiddenLayers: body.model.numHiddenLayers ?? sizes.numHiddenLayers,
      numAttentionHeads: body.model.numAttentionHeads ?? sizes.numAttentionHeads,
      intermediateSize: body.model.intermediateSize ?? sizes.intermediateSize,
      maxPositionEmbeddings: body.model.maxPositionEmbeddings ?? training.maxLength,
    },
    training: {
      ...training,
      microBatchSize: training.microBatchSize ?? shard,
      ...(training.maxEpochs === undefined ? { maxSteps: training.maxSteps ?? 1000 } : {}),
    },
  };
  const rules: [boolean, string, string][] = [
    [powerOfTwo(distributed.logicalShards), 'distributed.logicalShards', 'must be a power of two'],
    [
      distributed.minWorkers <= distributed.maxWorkers,
      'distributed.minWorkers',
      `must not exceed maxWorkers (${distributed.maxWorkers})`,
    ],
    [
      distributed.maxWorkers <= distributed.logicalShards,
      'distributed.maxWorkers',
      `must not exceed logicalShards (${distributed.logicalShards})`,
    ],
    [
      Number.isInteger(shard),
      'training.globalBatchSize',
      `must be a multiple of logicalShards (${distributed.logicalShards})`,
    ],
    [
      !Number.isInteger(shard) || Number.isInteger(shard / config.training.microBatchSize),
      'training.microBatchSize',
      `must divide globalBatchSize / logicalShards (${shard})`,
    ],
    [
      training.maxEpochs === undefined || training.maxSteps === undefined,
      'training.maxEpochs',
      'give either maxSteps or maxEpochs',
    ],
    [
      config.model.hiddenSize % config.model.numAttentionHeads === 0,
      'model.hiddenSize',
      `must be a multiple of numAttentionHeads (${config.model.numAttentionHeads})`,
    ],
    [
      training.maxLength <= config.model.maxPositionEmbeddings,
      'training.maxLength',
      `must not exceed model.maxPositionEmbeddings (${config.model.maxPositionEmbeddings})`,
    ],
  ];
  for (const [holds, path, message] of rules) {
    if (!holds) context.addIssue({ code: 'custom', path: path.split('.'), message, input: body });
  }
  return config;
});

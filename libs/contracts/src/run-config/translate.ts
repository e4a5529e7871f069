import { z } from 'zod';
import {
  type CompleteTraining,
  completeTraining,
  dataset,
  distributed,
  identity,
  optimizerSection,
  positive,
  probability,
  type Rule,
  sharedRules,
  trainingSection,
} from './common.js';

export const architectures = ['transformer', 'seq2seq-attention', 'seq2seq-gru'] as const;
export type Architecture = (typeof architectures)[number];

/** Sizes by preset; `tiny` is what two cores train in minutes, `base` is Vaswani et al.'s (2017, table 3). */
export const translationPresets = {
  debug: {
    transformer: { hiddenSize: 32, numHiddenLayers: 1, numAttentionHeads: 2, intermediateSize: 64 },
    recurrent: { hiddenSize: 32, numHiddenLayers: 1 },
  },
  tiny: {
    transformer: { hiddenSize: 128, numHiddenLayers: 3, numAttentionHeads: 4, intermediateSize: 512 },
    recurrent: { hiddenSize: 256, numHiddenLayers: 2 },
  },
  base: {
    transformer: { hiddenSize: 512, numHiddenLayers: 6, numAttentionHeads: 8, intermediateSize: 2048 },
    recurrent: { hiddenSize: 512, numHiddenLayers: 2 },
  },
} as const;

const model = z.strictObject({
  architecture: z
    .enum(architectures)
    .default('transformer')
    .meta({ description: 'Transformer, or GRU encoder and decoder with (Bahdanau) or without attention' }),
  preset: z
    .enum(['debug', 'tiny', 'base'])
    .default('tiny')
    .meta({ description: 'Sizes to start from; any of them may be overridden' }),
  hiddenSize: positive(4096).optional().meta({ description: 'Width of every layer and of the embeddings' }),
  numHiddenLayers: positive(24).optional().meta({ description: 'Layers of the encoder, and of the decoder' }),
  numAttentionHeads: positive(64).optional().meta({ description: 'Transformer: heads a layer; divides hiddenSize' }),
  intermediateSize: positive(16384).optional().meta({ description: 'Transformer: width of the feed-forward layer' }),
  dropout: probability.default(0.2).meta({ description: 'Dropout rate' }),
  positions: z
    .enum(['sinusoidal', 'learned'])
    .optional()
    .meta({ description: 'Transformer: how places are told (default sinusoidal)' }),
  norm: z.enum(['post', 'pre']).optional().meta({
    description: 'Transformer: layer normalisation before or after each sublayer (default pre)',
  }),
  activation: z
    .enum(['relu', 'gelu'])
    .optional()
    .meta({ description: 'Transformer: of the feed-forward layer (default relu)' }),
  tieEmbeddings: z.boolean().default(false).meta({ description: 'The output layer uses the target embeddings' }),
  initializerRange: z.number().min(1e-4).max(1).optional().meta({
    description:
      'Standard deviation of the initial embeddings (default 1/√hiddenSize; 1 in a recurrent model whose embeddings are not tied)',
  }),
});

const tokenizer = z.strictObject({
  type: z
    .enum(['bpe', 'wordpiece', 'words', 'characters'])
    .default('bpe')
    .meta({ description: 'Subwords, whole words, or single characters; one vocabulary a language' }),
  vocabSize: z
    .number()
    .int()
    .min(20)
    .max(65_000)
    .default(1500)
    .meta({ description: 'Most entries of each vocabulary, special tokens included' }),
  lowercase: z.boolean().default(false).meta({ description: 'Lower-case the text' }),
});

const translation = z.strictObject({
  labelSmoothing: z.number().min(0).max(0.5).default(0.1).meta({ description: 'Szegedy et al., 2016: ε' }),
  beamSize: positive(16).default(1).meta({ description: 'Of the translations at an evaluation; 1 is greedy' }),
  lengthPenalty: z.number().min(0).max(2).default(0.6).meta({ description: 'α of Wu et al., 2016, equation 14' }),
});

/** Translation from pairs of sentences. */
export const translateBody = z.strictObject({
  ...identity,
  task: z.literal('translate'),
  dataset: dataset.meta({ description: 'Parallel text; built in: messages-fr, messages-de, messages-zh, toy-copy, …' }),
  model: model.prefault({}),
  tokenizer: tokenizer.prefault({}),
  translation: translation.prefault({}),
  training: trainingSection({
    maxLength: 64,
    globalBatchSize: 32,
    longest: 1024,
    lengthOf: 'Tokens of a source and of a target, special tokens included; longer pairs are left out of training',
    heldOut: 'Share of the pairs held out where the dataset brings no split of its own',
    watched: ['validation.loss', 'validation.bleu', 'validation.chrf', 'validation.perplexity'],
  }).prefault({}),
  optimizer: optimizerSection({ learningRate: 2e-3, warmupSteps: 200, beta2: 0.98 }).prefault({}),
  distributed: distributed.prefault({}),
});
type Body = z.output<typeof translateBody>;

/** Fields that only a Transformer has; null in the others. */
export interface TransformerFields {
  numAttentionHeads: number;
  intermediateSize: number;
  positions: 'sinusoidal' | 'learned';
  norm: 'post' | 'pre';
  activation: 'relu' | 'gelu';
}
export interface TranslateConfig extends Omit<Body, 'name' | 'model' | 'training'> {
  name: string;
  model: Omit<Body['model'], 'hiddenSize' | 'numHiddenLayers' | 'initializerRange'> & {
    hiddenSize: number;
    numHiddenLayers: number;
    initializerRange: number;
  } & Partial<TransformerFields>;
  training: CompleteTraining;
}

const transformerOnly = ['numAttentionHeads', 'intermediateSize', 'positions', 'norm', 'activation'] as const;

export function completeTranslate(body: Body, name: string): TranslateConfig {
  const { model } = body;
  const sizes = translationPresets[model.preset];
  const transformer = model.architecture === 'transformer';
  const own = transformer ? sizes.transformer : sizes.recurrent;
  const hiddenSize = model.hiddenSize ?? own.hiddenSize;
  const more = transformer
    ? {
        numAttentionHeads: model.numAttentionHeads ?? sizes.transformer.numAttentionHeads,
        intermediateSize: model.intermediateSize ?? sizes.transformer.intermediateSize,
        positions: model.positions ?? ('sinusoidal' as const),
        norm: model.norm ?? ('pre' as const),
        activation: model.activation ?? ('relu' as const),
      }
    : {};
  return {
    ...body,
    name,
    model: {
      ...model,
      ...more,
      hiddenSize,
      numHiddenLayers: model.numHiddenLayers ?? own.numHiddenLayers,
      // a Transformer scales its embeddings by √hiddenSize, a recurrent layer takes them as they are; small ones leave its states, and so
      // the keys and queries of its attention, too alike to learn from
      initializerRange: model.initializerRange ?? (transformer || model.tieEmbeddings ? 1 / Math.sqrt(hiddenSize) : 1),
    },
    training: completeTraining(body),
  };
}

export function translateRules(body: Body, config: TranslateConfig): Rule[] {
  const { model } = config;
  const heads = model.numAttentionHeads;
  if (model.architecture === 'transformer' && heads !== undefined) {
    const divides: Rule = [
      model.hiddenSize % heads === 0,
      'model.hiddenSize',
      `must be a multiple of numAttentionHeads (${heads})`,
    ];
    const even: Rule = [
      model.positions === 'learned' || model.hiddenSize % 2 === 0,
      'model.hiddenSize',
      'must be even for sinusoidal positions',
    ];
    return [...sharedRules(body), divides, even];
  }
  return [
    ...sharedRules(body),
    ...transformerOnly.map(
      (field): Rule => [body.model[field] === undefined, `model.${field}`, `means nothing for ${model.architecture}`],
    ),
  ];
}

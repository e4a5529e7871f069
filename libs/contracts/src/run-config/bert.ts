import { z } from 'zod';
import { type BertPreset, bertPresetNames, bertPresets } from '../presets.js';
import { initializerRange, positive, probability, type Rule } from './common.js';

/** What a run may say of a BERT's size, and how it is regularised: shared by pretraining and fine-tuning. */
export const bertModelFields = {
  hiddenSize: positive(4096).optional().meta({ description: 'Width of every layer' }),
  numHiddenLayers: positive(48).optional().meta({ description: 'Number of encoder layers' }),
  numAttentionHeads: positive(64).optional().meta({ description: 'Attention heads a layer; divides hiddenSize' }),
  intermediateSize: positive(16384).optional().meta({ description: 'Width of the feed-forward layer' }),
  maxPositionEmbeddings: positive(2048)
    .optional()
    .meta({ description: 'Longest sequence the model has positions for (default: maxLength)' }),
  hiddenDropoutProb: probability.default(0.1).meta({ description: 'Dropout after embeddings and sublayers' }),
  attentionProbsDropoutProb: probability.default(0.1).meta({ description: 'Dropout on attention weights' }),
  initializerRange,
};

export const bertPreset = z
  .enum(bertPresetNames)
  .meta({ description: 'Sizes to start from; any of them may be overridden' });

export const wordpiece = z.strictObject({
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

interface Sizes {
  hiddenSize?: number;
  numHiddenLayers?: number;
  numAttentionHeads?: number;
  intermediateSize?: number;
  maxPositionEmbeddings?: number;
}

/** The sizes of a preset, with what was given instead. */
export function bertSizes(preset: BertPreset, given: Sizes, maxLength: number): Required<Sizes> {
  const sizes = bertPresets[preset];
  return {
    hiddenSize: given.hiddenSize ?? sizes.hiddenSize,
    numHiddenLayers: given.numHiddenLayers ?? sizes.numHiddenLayers,
    numAttentionHeads: given.numAttentionHeads ?? sizes.numAttentionHeads,
    intermediateSize: given.intermediateSize ?? sizes.intermediateSize,
    maxPositionEmbeddings: given.maxPositionEmbeddings ?? maxLength,
  };
}

export function bertRules(model: Required<Sizes>, maxLength: number): Rule[] {
  return [
    [
      model.hiddenSize % model.numAttentionHeads === 0,
      'model.hiddenSize',
      `must be a multiple of numAttentionHeads (${model.numAttentionHeads})`,
    ],
    [
      maxLength <= model.maxPositionEmbeddings,
      'training.maxLength',
      `must not exceed model.maxPositionEmbeddings (${model.maxPositionEmbeddings})`,
    ],
  ];
}

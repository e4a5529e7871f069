import { seq2seqParameters } from '../seq2seq/config.js';
import { transformerParameters } from '../transformer/parameters.js';
import type { Vocabularies } from '../translation.js';
import type { ParameterShape } from './bert.js';

/** How many numbers parameters hold. */
export const numbersIn = (parameters: readonly ParameterShape[]): number =>
  parameters.reduce((sum, { shape }) => sum + shape.reduce((product, dim) => product * dim, 1), 0);

/** The `model` section of a translation's run. */
interface TranslationSizes {
  architecture: 'transformer' | 'seq2seq-attention' | 'seq2seq-gru';
  hiddenSize: number;
  numHiddenLayers: number;
  dropout: number;
  tieEmbeddings: boolean;
  numAttentionHeads?: number;
  intermediateSize?: number;
  positions?: 'sinusoidal' | 'learned';
  norm?: 'post' | 'pre';
  activation?: 'relu' | 'gelu';
}

/**
 * Number of trainable numbers of a translation model.
 * @param maxLength rows of learned positions
 */
export function countTranslationParameters(
  model: TranslationSizes,
  { maxLength, ...vocabularies }: Vocabularies & { maxLength: number },
): number {
  const { architecture, hiddenSize, numHiddenLayers, dropout, tieEmbeddings } = model;
  const common = { hiddenSize, numHiddenLayers, dropout, tieEmbeddings, labelSmoothing: 0 };
  if (architecture !== 'transformer') return numbersIn(seq2seqParameters({ ...common, architecture }, vocabularies));
  const {
    numAttentionHeads = 1,
    intermediateSize = 4 * hiddenSize,
    positions = 'sinusoidal',
    norm = 'post',
    activation = 'relu',
  } = model;
  const own = { numAttentionHeads, intermediateSize, positions, norm, activation, maxPositionEmbeddings: maxLength };
  return numbersIn(transformerParameters({ ...common, ...own }, vocabularies));
}

import type { TranslationModel, Vocabularies } from '../translation.js';
import type { TransformerConfig } from './config.js';
import { decodeStage } from './decode.js';
import { encoderAttentionStage, encodeStage } from './encode.js';
import { transformerParameters } from './parameters.js';
import { trainStage } from './train.js';

/**
 * A Transformer that translates. Throws RangeError where the heads do not divide the width, a width is odd under sinusoidal positions, or a
 * sequence is longer than the table of learned positions.
 */
export function transformerModel(config: TransformerConfig, vocabularies: Vocabularies): TranslationModel {
  const { hiddenSize, numAttentionHeads, positions, maxPositionEmbeddings } = config;
  if (hiddenSize % numAttentionHeads !== 0) {
    throw new RangeError(`${numAttentionHeads} heads do not divide a width of ${hiddenSize}`);
  }
  if (positions === 'sinusoidal' && hiddenSize % 2 !== 0) {
    throw new RangeError(`sinusoidal positions need an even width, not ${hiddenSize}`);
  }
  const within = (length: number) => {
    if (positions === 'learned' && length > maxPositionEmbeddings) {
      throw new RangeError(`${length} tokens are more than maxPositionEmbeddings ${maxPositionEmbeddings}`);
    }
  };
  return {
    parameters: transformerParameters(config, vocabularies),
    train: (shape) => {
      within(Math.max(shape.sourceLength, shape.targetLength));
      return trainStage(config, shape);
    },
    encode: (shape) => {
      within(shape.sourceLength);
      return encodeStage(config, shape);
    },
    encoderAttention: (shape) => {
      within(shape.sourceLength);
      return encoderAttentionStage(config, shape);
    },
    decode: (shape) => {
      within(shape.capacity);
      return decodeStage(config, shape);
    },
  };
}

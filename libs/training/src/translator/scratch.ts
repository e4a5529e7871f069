import type { InputSpec } from '@regatta/engine';
import type { TranslationModel, TranslationShape } from '@regatta/models';
import type { TranslationModelConfig } from './model.js';

/** A shape of the decoder: rows (sentences × beams), tokens of the sources, most tokens of a translation. */
export interface DecodingShape {
  batch: number;
  sourceLength: number;
  capacity: number;
}

const bytesOf = (inputs: readonly InputSpec[]): number =>
  inputs.reduce((sum, { shape }) => sum + 4 * shape.reduce((product, dim) => product * dim, 1) + 64, 0);
const megabyte = 2 ** 20;

/**
 * Bytes of scratch that training at a shape needs at most: inputs, dropout masks (a byte an element), the rows of the embeddings'
 * gradients; half of it on top. Scratch that no program uses costs addresses alone.
 */
export function trainingScratch(
  model: TranslationModel,
  config: TranslationModelConfig,
  shape: TranslationShape,
): number {
  const { batch: B, sourceLength: S, targetLength: T } = shape;
  const D = config.hiddenSize;
  const L = config.numHiddenLayers;
  const [H, I] = config.architecture === 'transformer' ? [config.numAttentionHeads, config.intermediateSize] : [1, 0];
  const encoder = L * (H * S * S + (3 * D + I) * S) + D * S;
  const decoder = L * (H * T * (S + T) + (4 * D + I) * T) + D * T;
  const embeddingRows = 4 * 2 * D * (S + T);
  return Math.ceil(1.5 * (B * (encoder + decoder + embeddingRows) + bytesOf(model.train(shape).inputs))) + megabyte;
}

/**
 * Bytes of scratch that encoding and decoding at a shape need at most. What the encoder gives, the decoder is given; what the decoder gives
 * is logits, attention, and new states (a Transformer's are rows of its cache; a recurrent decoder's all its states anew).
 */
export function decodingScratch(model: TranslationModel, config: TranslationModelConfig, shape: DecodingShape): number {
  const { batch: B, sourceLength: S } = shape;
  const inputs = bytesOf(model.decode(shape).inputs);
  const recurrent = config.architecture !== 'transformer';
  const heads = recurrent ? 1 : config.numHiddenLayers * config.numAttentionHeads;
  const rows = B * (config.targetVocabSize + heads * S + 2 * config.numHiddenLayers * config.hiddenSize + 2 * S);
  // the encoder's own attention is looked at for one sentence at a time
  const maps = heads * S * S;
  return Math.ceil(1.25 * (recurrent ? 2 : 1) * inputs + 4 * 1.5 * (rows + maps)) + megabyte;
}

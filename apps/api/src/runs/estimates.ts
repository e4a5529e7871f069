import type { RunConfig } from '@regatta/contracts';
import { countParameters } from '@regatta/models/shapes';

const floatBytes = 4;

/** Trainable numbers, if the vocabulary comes out as large as it may. */
export function parameters(config: RunConfig): number {
  return countParameters({
    ...config.model,
    vocabSize: config.tokenizer.vocabSize,
    typeVocabSize: 2,
    layerNormEps: 1e-12,
  });
}

/**
 * Bytes of one trainer: weights, gradients and Adam's two moments, and what a micro-batch keeps for its backward pass
 * (for each layer about 16 activations as wide as the model and 3 as wide as the feed-forward layer a token, and the
 * attention weights; then the logits of the masked positions).
 */
export function memoryBytes(config: RunConfig): number {
  const { hiddenSize: D, intermediateSize: I, numHiddenLayers: L, numAttentionHeads: H } = config.model;
  const { maxLength: T, microBatchSize: B } = config.training;
  const activations = L * (B * T * (16 * D + 3 * I) + 3 * B * H * T * T);
  const logits = 3 * B * T * config.pretraining.maskProbability * config.tokenizer.vocabSize;
  return Math.round(floatBytes * (4 * parameters(config) + activations + logits));
}

/**
 * Bytes that a rank sends and receives a step when as many workers train as may, each with one subtree: the vector out,
 * and twice the others' share of it in (docs/distributed.md, "Bytes"). 0 for one worker.
 */
export function bytesPerStep(config: RunConfig): number {
  const n = config.distributed.maxWorkers;
  return n === 1 ? 0 : Math.round(floatBytes * parameters(config) * (1 + (2 * (n - 1)) / n));
}

/**
 * Floating-point operations of a step: forward and backward (twice the forward) through the encoder's matrices and the
 * attention, and the decoder at the masked positions.
 */
export function flopsPerStep(config: RunConfig): number {
  const { hiddenSize: D, intermediateSize: I, numHiddenLayers: L } = config.model;
  const { maxLength: T, globalBatchSize: B } = config.training;
  const aToken = L * (8 * D * D + 4 * D * I + 4 * T * D);
  const aMaskedToken = 2 * D * (D + config.tokenizer.vocabSize);
  return 3 * B * T * (aToken + config.pretraining.maskProbability * aMaskedToken);
}

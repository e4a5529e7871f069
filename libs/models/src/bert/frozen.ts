import * as tf from '@tensorflow/tfjs-core';
import type { Weights } from './layers.js';

/**
 * The weights with those of `frozen` cut off from the gradient: their own gradient is never computed, nor anything that only they would need
 * (with the embeddings and the lower layers frozen, the backward pass ends at the first layer that learns).
 */
export function withFrozen(weights: Weights, frozen: ReadonlySet<string>): Weights {
  if (frozen.size === 0) return weights;
  return Object.fromEntries(
    Object.entries(weights).map(([name, weight]) => [name, frozen.has(name) ? detached(weight) : weight]),
  );
}

/** The same values as a tensor that autodiff does not connect with x: what happens inside customGrad is not taped, and it is told of no input. */
const detached = (x: tf.Tensor): tf.Tensor => {
  const withoutInputs = tf.customGrad(() => ({ value: tf.clone(x), gradFunc: () => [] }));
  return withoutInputs();
};

// n queries, m keys of one number each: attention as regression.
import type { ForwardFunction, InputSpec, ModelFunction } from '@regatta/engine/ops';
import * as tf from '@tensorflow/tfjs-core';

type Tensor = tf.Tensor;

/** The mean of the values [m], whatever is asked: queries [n] → [n]. */
export const averagePooling = (queries: Tensor, values: Tensor): Tensor =>
  tf.add(tf.zeros(queries.shape), tf.mean(values));

/**
 * Kernel regression (Nadaraya, 1964; Watson, 1964): f(q) = Σ softmaxᵢ(−½ ((q − kᵢ) w)²) vᵢ with a Gaussian kernel of bandwidth 1/w; w, [1], may be
 * learned and is 1 by default. Queries [n]; keys and values [m], or [n, m] where each query has its own (leave-one-out).
 */
export function nadarayaWatson(
  queries: Tensor,
  keys: Tensor,
  values: Tensor,
  w: Tensor = tf.tensor1d([1]),
): { output: Tensor; weights: Tensor } {
  const distance = tf.sub(tf.reshape(queries, [queries.size, 1]), keys);
  const weights = tf.softmax(tf.mul(tf.square(tf.mul(distance, w)), -0.5));
  return { output: tf.sum(tf.mul(weights, values), -1), weights };
}

const float = (name: string, shape: number[]): InputSpec => ({ name, shape, dtype: 'float32' });

/**
 * Training of `w` [1] on n points x, y: each is predicted from the n − 1 others, `keys` and `values` [n, n − 1]. The loss is the mean squared
 * error, the sum `squares` n times that.
 */
export const leaveOneOut = (n: number): { inputs: InputSpec[]; model: ModelFunction } => ({
  inputs: [float('x', [n]), float('y', [n]), float('keys', [n, n - 1]), float('values', [n, n - 1])],
  model: ({ w }, { x, y, keys, values }) => {
    const squares = tf.sum(tf.square(tf.sub(nadarayaWatson(x, keys, values, w).output, y)));
    return { loss: tf.mul(squares, 1 / n), sums: { squares } };
  },
});

/** What n points x, y say with `w` about m `places`: `output` [m] and `weights` [m, n]. */
export const kernelFit = (n: number, m: number): { inputs: InputSpec[]; model: ForwardFunction } => ({
  inputs: [float('x', [n]), float('y', [n]), float('places', [m])],
  model: ({ w }, { x, y, places }) => ({ ...nadarayaWatson(places, x, y, w) }),
});

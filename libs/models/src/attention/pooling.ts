// n queries, m keys of one number each: attention as regression.
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

// B batch, Q queries, K keys, D their width, A width of the additive layer.
import { dropout, stepLinear } from '@regatta/engine/ops';
import * as tf from '@tensorflow/tfjs-core';
import { maskedSoftmax } from './masked-softmax.js';

type Tensor = tf.Tensor;

/** What attention gives: the pooled values [B, Q, V] and the weights [B, Q, K] they were pooled with. */
export interface Attended {
  output: Tensor;
  weights: Tensor;
}

export interface AttentionOptions {
  /** 1 or 0, broadcast to [B, Q, K]; see lengthMask. */
  mask?: Tensor;
  /** A mask of dropout on the weights, [B, Q, K], with its rate. */
  keep?: Tensor;
  rate?: number;
}

/** softmax(scores) · values: scores [B, Q, K], values [B, K, V]. */
export function attentionPooling(
  scores: Tensor,
  values: Tensor,
  { mask, keep, rate = 0 }: AttentionOptions = {},
): Attended {
  const weights = maskedSoftmax(scores, mask);
  return { output: tf.matMul(dropout(weights, keep, rate), values), weights };
}

/** Q K^T / √D (Vaswani et al., 2017, equation 1): queries [B, …, Q, D], keys [B, …, K, D] → [B, …, Q, K]. */
export const scaledDotProductScores = (queries: Tensor, keys: Tensor): Tensor =>
  tf.mul(tf.matMul(queries, keys, false, true), 1 / Math.sqrt(queries.shape.at(-1) as number));

/**
 * w_v^T tanh(q + k) (Bahdanau et al., 2015, appendix A.1.2) of queries and keys that are already projected: [B, Q, A], [B, K, A],
 * w_v [1, A] → [B, Q, K].
 */
export function additiveScores(queries: Tensor, keys: Tensor, wv: Tensor): Tensor {
  const [batch, count, width] = queries.shape;
  const slots = keys.shape[1] as number;
  const sums = tf.add(tf.reshape(queries, [batch, count, 1, width]), tf.reshape(keys, [batch, 1, slots, width]));
  const features = tf.reshape(tf.tanh(sums), [batch * count * slots, width]);
  return tf.reshape(tf.matMul(features, tf.reshape(wv, [width, 1])), [batch, count, slots]);
}

/** x W for every row of x [B, n, in], W [in, out] → [B, n, out]. */
export function project(x: Tensor, w: Tensor): Tensor {
  const [batch, n, width] = x.shape;
  return tf.reshape(stepLinear(tf.reshape(x, [batch * n, width]), w), [batch, n, w.shape[1] as number]);
}

/** Scaled dot-product attention: queries [B, Q, D], keys [B, K, D], values [B, K, V]. */
export const scaledDotProductAttention = (
  queries: Tensor,
  keys: Tensor,
  values: Tensor,
  options: AttentionOptions = {},
): Attended => attentionPooling(scaledDotProductScores(queries, keys), values, options);

/** Additive attention with its projections W_q [Dq, A], W_k [Dk, A], w_v [1, A]: queries [B, Q, Dq], keys [B, K, Dk], values [B, K, V]. */
export const additiveAttention = (
  queries: Tensor,
  keys: Tensor,
  values: Tensor,
  { wq, wk, wv }: { wq: Tensor; wk: Tensor; wv: Tensor },
  options: AttentionOptions = {},
): Attended => attentionPooling(additiveScores(project(queries, wq), project(keys, wk), wv), values, options);

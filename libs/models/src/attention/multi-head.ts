// B batch, Q queries, K keys, D hidden size, H heads, d = D / H. Batch first; the masks of attention are 1 or 0.
import { linear } from '@regatta/engine/ops';
import * as tf from '@tensorflow/tfjs-core';
import { type Attended, type AttentionOptions, attentionPooling, scaledDotProductScores } from './scoring.js';

type Tensor = tf.Tensor;

/** W [in, out] and b [out]. */
export interface Dense {
  weight: Tensor;
  bias: Tensor;
}

/** The projections of multi-head attention, each [D, D]. */
export interface Heads {
  wq: Dense;
  wk: Dense;
  wv: Dense;
  wo: Dense;
}

/** [1, n, n]: query i may look at key j ≤ i, itself included. */
export const causalAttentionMask = (n: number): Tensor =>
  tf.tensor3d(
    Float32Array.from({ length: n * n }, (_, at) => (at % n <= Math.floor(at / n) ? 1 : 0)),
    [1, n, n],
  );

/**
 * Multi-head attention (Vaswani et al., 2017, section 3.2.2): H scaled dot-product attentions of width d side by side, joined by W_o.
 * Queries [B, Q, D], keys and values [B, K, D] → output [B, Q, D] and weights [B, H, Q, K]. Self-attention asks with the same sequence as it looks at,
 * cross-attention looks at another one. `options.mask` is broadcast to [B, Q, K] and holds for all heads, `options.keep` is [B, H, Q, K].
 */
export function multiHeadAttention(
  queries: Tensor,
  keys: Tensor,
  values: Tensor,
  { wq, wk, wv, wo }: Heads,
  heads: number,
  { mask, ...options }: AttentionOptions = {},
): Attended {
  const [batch, count, width] = queries.shape;
  const project = (x: Tensor, { weight, bias }: Dense): Tensor => {
    const rows = x.size / width;
    const projected = linear(tf.reshape(x, [rows, width]), weight, bias);
    return tf.transpose(tf.reshape(projected, [batch, rows / batch, heads, width / heads]), [0, 2, 1, 3]);
  };
  const scores = scaledDotProductScores(project(queries, wq), project(keys, wk));
  const ofAllHeads = mask && { mask: tf.expandDims(mask, 1) };
  const { output, weights } = attentionPooling(scores, project(values, wv), { ...options, ...ofAllHeads });
  const joined = tf.reshape(tf.transpose(output, [0, 2, 1, 3]), [batch * count, width]);
  return { output: tf.reshape(linear(joined, wo.weight, wo.bias), [batch, count, width]), weights };
}

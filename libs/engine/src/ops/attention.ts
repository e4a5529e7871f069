// n = time · batch rows in time-major order (row = t · batch + b); h = heads · d
import { type Tensor, tf } from '../tf.js';
import { byteRate, dropout } from './dropout.js';
import { fused, gradient, hasKernel, run } from './fused.js';

export type AttentionShape = { heads: number; batch: number };
type AttentionAttributes = AttentionShape & { rate: number };

// (time·batch, h) → (batch, heads, time, d)
const split = (x: Tensor, { heads, batch }: AttentionShape): Tensor => {
  const [n, h] = x.shape;
  return tf.transpose(tf.reshape(x, [n / batch, batch, heads, h / heads]), [1, 2, 0, 3]);
};

const composedProbabilities = (q: Tensor, k: Tensor, mask: Tensor, shape: AttentionShape): Tensor => {
  const scores = tf.matMul(split(q, shape), split(k, shape), false, true);
  return tf.softmax(tf.add(tf.mul(scores, Math.sqrt(shape.heads / q.shape[q.rank - 1])), mask));
};

const attentionOp = fused<AttentionAttributes>('Attention', ({ q, k, v, mask, keep }, attributes) => {
  const p = dropout(composedProbabilities(q, k, mask, attributes), keep, attributes.rate);
  return tf.reshape(tf.transpose(tf.matMul(p, split(v, attributes)), [2, 0, 1, 3]), q.shape);
});

/**
 * Multi-head scaled dot-product attention (Vaswani et al., 2017) over time-major rows: q [nq, h], k and v [nk, h] → [nq, h].
 * q may have fewer rows than k and v (only the queries that are read), or another number of them (another sequence asks). mask is additive,
 * [batch or 1, 1, queries or 1, keys]; keep [batch, heads, queries, keys] or undefined drops probabilities.
 */
export const attention = (
  q: Tensor,
  k: Tensor,
  v: Tensor,
  mask: Tensor,
  keep: Tensor | undefined,
  { heads, batch, rate }: AttentionAttributes,
): Tensor => attentionOp({ q, k, v, mask, ...(keep && { keep }) }, { heads, batch, rate: byteRate(rate) });

gradient<AttentionAttributes>(
  'Attention',
  ['q', 'k', 'v'],
  (dy, { q, k, v, y }, attributes) => {
    const [dq, dk, dv] = run<Tensor[]>('AttentionGrad', { dy, q, k, v, y }, attributes);
    return { q: dq, k: dk, v: dv };
  },
  { keepOutput: true },
);

/** The probabilities of `attention` without dropout, [batch, heads, queries, keys], to be looked at; it has no gradient. */
export const attentionProbabilities = (q: Tensor, k: Tensor, mask: Tensor, { heads, batch }: AttentionShape): Tensor =>
  hasKernel('AttentionProbabilities')
    ? run('AttentionProbabilities', { q, k, mask }, { heads, batch })
    : composedProbabilities(q, k, mask, { heads, batch });

// Attention over time-major rows. [time, batch, heads, d] is read in place through FusedMatMul's transBatch: q, k, v and dO are never transposed.
import type { tf } from '../tf.js';
import { maskFloats } from './kernels-dense.js';
import { recorder as B, type Info, kernel } from './recorder.js';

interface Attributes {
  heads: number;
  batch: number;
  rate: number;
}

/** What forward leaves for the gradient: names of P, the dropped P, the dropout scale, and q, k, v as [time, batch, heads, d]. */
interface Saved extends Record<string, unknown> {
  p: string;
  dropped: string;
  scale: { f: number };
  q4: string;
  k4: string;
  v4: string;
}

function views(h: number, { heads, batch }: Pick<Attributes, 'heads' | 'batch'>) {
  const four = (n: number) => [n / batch, batch, heads, h / heads];
  return {
    alpha: { f: Math.sqrt(heads / h) },
    four,
    split: (x: string, n: number) => B.once(`split ${x} ${four(n)}`, () => B.reshape(x, four(n))),
    // [batch, heads, time, d] → [time · batch, heads · d]
    rows: (x: string, n: number): tf.TensorInfo =>
      B.result([n, h], B.reshape(B.op('Transpose', [x], { perm: [2, 0, 1, 3] }), [n, h])),
  };
}

function probabilities(q: Info, k: Info, mask: Info, attributes: Pick<Attributes, 'heads' | 'batch'>) {
  const { alpha, split } = views(q.shape[1], attributes);
  const [q4, k4] = [q, k].map((x) => split(B.name(x), x.shape[0]));
  const additive = B.name(mask);
  const p = B.once(`probabilities ${q4} ${k4} ${additive}`, () => {
    const scores = B.matmul(q4, k4, { transB: 1, transBatchA: 1, transBatchB: 1, alpha });
    return B.op('Softmax', [B.op('Add', [scores, additive])], { axis: -1 });
  });
  return { p, q4, k4 };
}

kernel<Attributes>('AttentionProbabilities', ({ q, k, mask }, attributes) => {
  const { heads, batch } = attributes;
  const { p } = probabilities(q, k, mask, attributes);
  return B.result([batch, heads, q.shape[0] / batch, k.shape[0] / batch], p);
});

kernel<Attributes>('Attention', ({ q, k, v, mask, keep }, attributes) => {
  const { rows, split } = views(q.shape[1], attributes);
  const { p, q4, k4 } = probabilities(q, k, mask, attributes);
  const v4 = split(B.name(v), v.shape[0]);
  const dropped = keep ? B.op('Mul', [p, maskFloats(keep)]) : p;
  const scale = { f: keep ? 1 / (1 - attributes.rate) : 1 };
  const y = rows(B.matmul(dropped, v4, { transBatchB: 1, alpha: scale }), q.shape[0]);
  B.entry(y).aux = { p, dropped, scale, q4, k4, v4 } satisfies Saved;
  return y;
});

// dV = Pd^T dO; dPd = dO V^T; dS = Pd∘dPd − P∘r with r = row sums of dO∘O (the row sums of dP∘P, dropout or not); dQ = dS K, dK = dS^T Q
kernel<Attributes>('AttentionGrad', ({ dy, q, k, y }, attributes) => {
  const { alpha, four, split, rows } = views(q.shape[1], attributes);
  const { p, dropped, scale, q4, k4, v4 } = B.entry(y).aux as Saved;
  const [nq, nk] = [q.shape[0], k.shape[0]];
  const d = B.name(dy);
  const d4 = split(d, nq);
  const dv = rows(B.matmul(dropped, d4, { transA: 1, transBatchB: 1, alpha: scale }), nk);
  const dp = B.matmul(d4, v4, { transB: 1, transBatchA: 1, transBatchB: 1, alpha: scale });
  const products = B.reshape(B.op('Mul', [d, B.name(y)]), four(nq));
  const r = B.op('Transpose', [B.op('ReduceSum', [products, B.ints([3])], { keepdims: 1 })], { perm: [1, 2, 0, 3] });
  const ds =
    dropped === p
      ? B.op('Mul', [p, B.op('Sub', [dp, r])])
      : B.op('Sub', [B.op('Mul', [dropped, dp]), B.op('Mul', [p, r])]);
  const dq = rows(B.matmul(ds, k4, { transBatchB: 1, alpha }), nq);
  return [dq, rows(B.matmul(ds, q4, { transA: 1, transBatchB: 1, alpha }), nk), dv];
});

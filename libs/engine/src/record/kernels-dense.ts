// Linear, layer normalisation, GELU, dropout, rows: each in the fastest ONNX formulation known for onnxruntime's CPU provider.
import { elements } from '../memory/layout.js';
import type { tf } from '../tf.js';
import { recorder as B, kernel } from './recorder.js';

/** k · column sums of x [rows, n], as a product with a row of ones; [1, n] in the graph, so that sums over chunks fold into Gemm's C. */
const columnSums = (x: string, rows: number, n: number, k = 1): tf.TensorInfo =>
  B.result([n], B.op('MatMul', [B.fill(k, [1, rows]), x], {}, { fold: true }), { dims: [1, n] });

kernel<{ outIn: boolean }>('Linear', ({ x, w, b }, { outIn }) => {
  const attributes = { transB: outIn ? 1 : 0, alpha: { f: B.entry(x).k } };
  return B.result([x.shape[0], b.shape[0]], B.op('Gemm', [B.raw(x), B.name(w), B.name(b)], attributes));
});
kernel<{ outIn: boolean }>('LinearDx', ({ dy, w }, { outIn }) => {
  const attributes = { transB: outIn ? 0 : 1, alpha: { f: B.entry(dy).k } };
  return B.result([dy.shape[0], w.shape[outIn ? 1 : 0]], B.matmul(B.raw(dy), B.name(w), attributes, true));
});
kernel<{ outIn: boolean }>('LinearDw', ({ dy, x }, { outIn }) => {
  const [left, right] = outIn ? [dy, x] : [x, dy];
  const alpha = { f: B.entry(x).k * B.entry(dy).k };
  const leftT = B.transposed(B.raw(left), left.shape[0], left.shape[1]);
  return B.result([left.shape[1], right.shape[1]], B.op('Gemm', [leftT, B.raw(right)], { alpha }, { fold: true }));
});
kernel('ColumnSum', ({ dy }) => columnSums(B.raw(dy), dy.shape[0], dy.shape[1], B.entry(dy).k));

kernel<{ epsilon: number }>('LayerNorm', ({ x, gamma, beta }, { epsilon }) => {
  const inputs = [B.name(x), B.name(gamma), B.name(beta)];
  const [y, mean, inverse] = B.ops('LayerNormalization', inputs, { axis: -1, epsilon: { f: epsilon } }, 3);
  return B.result(x.shape, y, { aux: { mean, inverse } });
});
// with x̂ = (x − mean)/σ: dx = (dy γ − mean(dy γ) − x̂ mean(dy γ x̂))/σ, dγ = Σ dy x̂
kernel('LayerNormGrad', ({ dy, x, gamma, y }) => {
  const [rows, n] = x.shape;
  const { mean, inverse } = B.entry(y).aux as { mean: string; inverse: string };
  const [d, g] = [B.name(dy), B.name(gamma)];
  const [one, zero] = [B.fill(1, [rows]), B.fill(0, [rows])];
  // (v − centre) · scale + bias by row in one pass: BatchNormalization with a row as its channel
  const rowAffine = (v: string, scale: string, bias: string, centre: string): string => {
    const inputs = [B.reshape(v, [1, rows, n]), scale, bias, centre, one];
    return B.reshape(B.op('BatchNormalization', inputs, { epsilon: { f: 0 } }), [rows, n]);
  };
  const normalized = rowAffine(B.name(x), B.reshape(inverse, [rows]), zero, B.reshape(mean, [rows]));
  const product = B.op('Mul', [d, normalized]);
  // row means as matrix-vector products; with [n, 1] and not [n], which onnxruntime multiplies three times slower. The Reshape between also
  // keeps the factor 1/n from being fused into a slow FusedMatMul
  const meanWeights = B.once(`gamma/n ${g}`, () => B.reshape(B.op('Mul', [g, B.scalar(1 / n)]), [n, 1]));
  const slope = B.reshape(B.op('MatMul', [product, meanWeights]), [rows]);
  const level = B.reshape(B.op('MatMul', [d, meanWeights]), [rows]);
  const centred = B.op('Sub', [B.op('Mul', [d, g]), rowAffine(normalized, slope, level, zero)]);
  return [B.result(x.shape, B.op('Mul', [centred, inverse])), columnSums(product, rows, n)];
});

// u = x/√2 comes out of the Gemm before; c = (1 + erf u) √π/2; gelu = (u c) · √2/√π; its derivative (c + u/exp(u²))/√π is made in the forward
// part, where u is still in the cache
kernel('GeluErf', ({ x }) => {
  B.rescale(x, Math.SQRT1_2);
  const scaled = Math.abs(B.entry(x).k * Math.SQRT1_2 - 1) < 1e-9;
  const u = scaled ? B.raw(x) : B.op('Mul', [B.name(x), B.scalar(Math.SQRT1_2)]);
  const half = B.fill(Math.sqrt(Math.PI) / 2, [1]);
  const erf = B.reshape(B.op('Erf', [u]), [1, 1, elements(x.shape)]);
  const affine = B.op('BatchNormalization', [erf, half, half, B.fill(0, [1]), B.fill(1, [1])], { epsilon: { f: 0 } });
  const c = B.reshape(affine, x.shape);
  const slope = B.op('Add', [c, B.op('Div', [u, B.op('Exp', [B.op('Mul', [u, u])])])]);
  return B.result(x.shape, B.op('Mul', [u, c]), { k: Math.SQRT2 / Math.sqrt(Math.PI), aux: { slope } });
});
kernel('GeluErfGrad', ({ dy, y }) => {
  const { slope } = B.entry(y).aux as { slope: string };
  return B.result(dy.shape, B.op('Mul', [B.raw(dy), slope]), { k: B.entry(dy).k / Math.sqrt(Math.PI) });
});

/** A mask as floats, cast once. */
export const maskFloats = (keep: tf.TensorInfo): string =>
  B.once(`floats ${B.raw(keep)}`, () => B.op('Cast', [B.raw(keep)], { to: 1 }));

kernel<{ rate: number }>('DropoutMask', ({ x, keep }, { rate }) => {
  B.rescale(x, 1 / (1 - rate));
  return B.result(x.shape, B.op('Mul', [B.raw(x), maskFloats(keep)]), { k: B.entry(x).k / (1 - rate) });
});
kernel<{ rate: number }>('DropoutMaskGrad', ({ dy, keep }, { rate }) =>
  B.result(dy.shape, B.op('Mul', [B.raw(dy), maskFloats(keep)]), { k: B.entry(dy).k / (1 - rate) }),
);

kernel('Embedding', ({ table, ids }) =>
  B.result([...ids.shape, table.shape[1]], B.op('Gather', [B.name(table), B.raw(ids)], { axis: 0 })),
);
kernel<{ shape: number[] }>('EmbeddingGrad', ({ dy, ids }, { shape }) =>
  B.result(shape, undefined, { rows: [{ ids: B.raw(ids), node: B.name(dy), width: shape[1], n: dy.shape[0] }] }),
);
kernel('GatherRows', ({ x, rows }) =>
  B.result([rows.shape[0], x.shape[1]], B.op('Gather', [B.name(x), B.raw(rows)], { axis: 0 })),
);
// a row that was not read finds the row of zeros behind dy
kernel('GatherRowsGrad', ({ dy, inverse }) => {
  const padded = B.op('Concat', [B.name(dy), B.fill(0, [1, dy.shape[1]])], { axis: 0 });
  return B.result([inverse.shape[0], dy.shape[1]], B.op('Gather', [padded, B.raw(inverse)], { axis: 0 }));
});

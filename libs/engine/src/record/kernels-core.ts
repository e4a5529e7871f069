// The recorder's kernels of the tfjs-core operations that a model may use besides engine/ops.
import { tf } from '../tf.js';
import { alias, recorder as B, type Info, kernel } from './recorder.js';

const broadcast = (a: Info, b: Info): number[] => tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);

// parts of a table's gradient that are rows stay rows: they are added after the graph has run
kernel('Add', ({ a, b }) => {
  const [x, y] = [B.entry(a), B.entry(b)];
  const dense = [a, b].filter((t) => B.isDense(B.entry(t)));
  const rows = [...x.rows, ...y.rows];
  // products that are still to be summed stay so
  const unsummed = dense.every((t) => B.entry(t).products.length > 0);
  if (dense.length > 0 && unsummed) {
    const products = [...x.products, ...y.products];
    return B.result(broadcast(a, b), undefined, { rows, products, dims: x.dims ?? y.dims });
  }
  const node =
    dense.length === 2 ? B.op('Add', [B.name(a), B.name(b)]) : dense.length === 1 ? B.name(dense[0]) : undefined;
  return B.result(broadcast(a, b), node, { rows, dims: x.dims ?? y.dims });
});

for (const [name, type] of Object.entries({ Sub: 'Sub', Multiply: 'Mul', RealDiv: 'Div' })) {
  kernel(name, ({ a, b }) => B.result(broadcast(a, b), B.op(type, [B.name(a), B.name(b)])));
}
for (const type of ['Tanh', 'Neg', 'Exp', 'Log', 'Sqrt']) {
  kernel(type, ({ x }) => B.result(x.shape, B.op(type, [B.name(x)])));
}
kernel('Square', ({ x }) => B.result(x.shape, B.op('Mul', [B.name(x), B.name(x)])));

// gradients save clones: the same dataId, so the same entry with what the forward kernel left in it
kernel('Identity', ({ x }) => alias(x));

for (const name of ['Sum', 'Mean']) {
  kernel<{ axis: number | number[] | null; keepDims: boolean }>(name, ({ x }, { axis, keepDims }) => {
    const axes = tf.util.parseAxisParam(axis ?? x.shape.map((_, i) => i), x.shape);
    const [reduced] = tf.backend_util.computeOutAndReduceShapes(x.shape, axes);
    const shape = keepDims ? tf.backend_util.expandShapeToKeepDim(reduced, axes) : reduced;
    return B.result(shape, B.op(`Reduce${name}`, [B.name(x), B.ints(axes)], { keepdims: keepDims ? 1 : 0 }));
  });
}

const ONNX_TYPE: Record<string, number> = { float32: 1, int32: 6 };
kernel<{ dtype: tf.DataType }>('Cast', ({ x }, { dtype }) => {
  if (x.dtype === dtype) return alias(x);
  if (!(dtype in ONNX_TYPE)) throw new Error(`a cast from ${x.dtype} to ${dtype} is not known`);
  return B.result(x.shape, B.op('Cast', [B.name(x)], { to: ONNX_TYPE[dtype] }), {}, dtype);
});
kernel<{ shape: number[] }>('Reshape', ({ x }, { shape }) => {
  const full = tf.util.inferFromImplicitShape(shape, tf.util.sizeFromShape(x.shape));
  return String(full) === String(x.shape) ? alias(x) : B.result(full, B.reshape(B.name(x), full), {}, x.dtype);
});
kernel<{ dim: number }>('ExpandDims', ({ input }, { dim }) => {
  const shape = input.shape.toSpliced(dim < 0 ? input.shape.length + dim + 1 : dim, 0, 1);
  return B.result(shape, B.reshape(B.name(input), shape), {}, input.dtype);
});
kernel<{ perm: number[] }>('Transpose', ({ x }, { perm }) => {
  const shape = perm.map((axis) => x.shape[axis]);
  return B.result(shape, B.op('Transpose', [B.name(x)], { perm }), {}, x.dtype);
});
kernel<{ axis: number }>('Concat', (inputs, { axis }) => {
  const parts = Object.values(inputs);
  if (parts.length === 1) return alias(parts[0]);
  const along = tf.util.parseAxisParam(axis, parts[0].shape)[0];
  const shape = parts[0].shape.with(
    along,
    parts.reduce((n, part) => n + part.shape[along], 0),
  );
  return B.result(
    shape,
    B.op(
      'Concat',
      parts.map((part) => B.name(part)),
      { axis: along },
    ),
    {},
    parts[0].dtype,
  );
});
kernel<{ numOrSizeSplits: number | number[]; axis: number }>('SplitV', ({ x }, { numOrSizeSplits, axis }) => {
  const along = tf.util.parseAxisParam(axis, x.shape)[0];
  const sizes = tf.backend_util.prepareSplitSize(x as tf.Tensor, numOrSizeSplits, along);
  if (sizes.length === 1) return [alias(x)];
  const names = B.ops('Split', [B.name(x), B.ints(sizes)], { axis: along }, sizes.length);
  return sizes.map((size, i) => B.result(x.shape.with(along, size), names[i], {}, x.dtype));
});

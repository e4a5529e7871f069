// Plain tfjs operations that small models are written in.
import { tf } from '../tf.js';
import { recorder as B, kernel } from './recorder.js';

for (const type of ['Sigmoid']) {
  kernel(type, ({ x }) => B.result(x.shape, B.op(type, [B.name(x)])));
}

kernel('Less', ({ a, b }) => {
  const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  return B.result(shape, B.op('Less', [B.name(a), B.name(b)]), {}, 'bool');
});

kernel<{ dim: number }>('Softmax', ({ logits }, { dim }) =>
  B.result(logits.shape, B.op('Softmax', [B.name(logits)], { axis: dim })),
);

// onnxruntime multiplies with a transpose flag only in its own operator
kernel<{ transposeA: boolean; transposeB: boolean }>('BatchMatMul', ({ a, b }, { transposeA, transposeB }) => {
  const [outer, inner] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const batch = tf.backend_util.assertAndGetBroadcastShape(outer, inner);
  const shape = [...batch, a.shape.at(transposeA ? -1 : -2) as number, b.shape.at(transposeB ? -2 : -1) as number];
  const flat = a.shape.length === 2 && b.shape.length === 2;
  const attributes = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 };
  const node =
    transposeA || transposeB
      ? B.matmul(B.name(a), B.name(b), attributes, flat)
      : B.op('MatMul', [B.name(a), B.name(b)], {}, { fold: flat });
  return B.result(shape, node);
});

kernel<{ begin: number[]; size: number[] }>('Slice', ({ x }, { begin, size }) => {
  const [starts, shape] = tf.slice_util.parseSliceParams(x as tf.Tensor, begin, size);
  const ends = starts.map((start, axis) => start + shape[axis]);
  return B.result(shape, B.op('Slice', [B.name(x), B.ints(starts), B.ints(ends)]), {}, x.dtype);
});
kernel<{ paddings: [number, number][]; constantValue: number }>('PadV2', ({ x }, { paddings, constantValue }) => {
  const shape = x.shape.map((size, axis) => size + paddings[axis][0] + paddings[axis][1]);
  const pads = [0, 1].flatMap((side) => paddings.map((pair) => pair[side]));
  return B.result(shape, B.op('Pad', [B.name(x), B.ints(pads), B.scalar(constantValue)]));
});

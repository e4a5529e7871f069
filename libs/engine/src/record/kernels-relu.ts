import { maskFloats } from './kernels-dense.js';
import { recorder as B, kernel } from './recorder.js';

// a positive pending factor passes through: relu(k x) = k relu(x)
kernel<{ rate: number }>('ReluDropout', ({ x, keep }, { rate }) => {
  const positive = B.entry(x).k > 0;
  const rectified = B.op('Relu', [positive ? B.raw(x) : B.name(x)]);
  const y = keep ? B.op('Mul', [rectified, maskFloats(keep)]) : rectified;
  return B.result(x.shape, y, { k: B.entry(x).k / (1 - rate) });
});
// the result is above 0 where x was positive and kept. (onnxruntime's Sign would say it in one node, in twice the time of these two.)
kernel<{ rate: number }>('ReluDropoutGrad', ({ dy, y }, { rate }) => {
  const open = B.op('Cast', [B.op('Greater', [B.raw(y), B.scalar(0)])], { to: 1 });
  return B.result(dy.shape, B.op('Mul', [B.raw(dy), open]), { k: B.entry(dy).k / (1 - rate) });
});

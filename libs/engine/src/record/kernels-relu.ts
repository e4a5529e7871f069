import { maskFloats } from './kernels-dense.js';
import { recorder as B, kernel } from './recorder.js';

// a positive pending factor passes through: relu(k x) = k relu(x)
kernel<{ rate: number }>('ReluDropout', ({ x, keep }, { rate }) => {
  const positive = B.entry(x).k > 0;
  const rectified = B.op('Relu', [positive ? B.raw(x) : B.name(x)]);
  const y = keep ? B.op('Mul', [rectified, maskFloats(keep)]) : rectified;
  return B.result(x.shape, y, { k: B.entry(x).k / (1 - rate) });
});
// the result's sign is 1 where x was positive and kept, else 0
kernel<{ rate: number }>('ReluDropoutGrad', ({ dy, y }, { rate }) =>
  B.result(dy.shape, B.op('Mul', [B.raw(dy), B.op('Sign', [B.raw(y)])]), { k: B.entry(dy).k / (1 - rate) }),
);

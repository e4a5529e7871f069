import { type Tensor, tf } from '../tf.js';
import { byteRate, dropout } from './dropout.js';
import { fused, gradient, run } from './fused.js';

type ReluAttributes = { rate: number };

const reluOp = fused<ReluAttributes>('ReluDropout', ({ x, keep }, { rate }) => dropout(tf.relu(x), keep, rate));

/**
 * max(x, 0), then dropout where `keep` is given (see dropout). One operation, because one look at its result tells the gradient what both have
 * let through.
 */
export const relu = (x: Tensor, keep?: Tensor, rate = 0): Tensor =>
  reluOp({ x, ...(keep && { keep }) }, { rate: keep ? byteRate(rate) : 0 });

gradient<ReluAttributes>(
  'ReluDropout',
  [],
  (dy, { y }, { rate }) => ({ x: run('ReluDropoutGrad', { dy, y }, { rate }) }),
  { keepOutput: true },
);

import { type Tensor, tf } from '../tf.js';
import { fused, gradient, run } from './fused.js';

/** A dropout rate as the masks have it: the probability of 0 in steps of 1/256, for which the scale 1/(1 − rate) is exact. */
export const byteRate = (rate: number): number => Math.round(rate * 256) / 256;

type DropoutAttributes = { rate: number };

const dropoutOp = fused<DropoutAttributes>('DropoutMask', ({ x, keep }, { rate }) =>
  tf.mul(x, tf.mul(tf.cast(keep, 'float32'), 1 / (1 - rate))),
);

/** x · keep / (1 − rate), keep a 0/1 mask (dtype bool) of x's shape drawn for the rounded rate; undefined leaves x as it is. */
export const dropout = (x: Tensor, keep: Tensor | undefined, rate: number): Tensor =>
  keep ? dropoutOp({ x, keep }, { rate: byteRate(rate) }) : x;

gradient<DropoutAttributes>('DropoutMask', ['keep'], (dy, { keep }, { rate }) => ({
  x: run('DropoutMaskGrad', { dy, keep }, { rate }),
}));

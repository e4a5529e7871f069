import { type Tensor, tf } from '../tf.js';
import { fused, gradient, run } from './fused.js';

const stepLinearOp = fused('StepLinear', ({ x, w, b }) => {
  const product = tf.matMul(x, w);
  return b ? tf.add(product, b) : product;
});

/**
 * `linear` for a weight that many steps of a recurrence share: x [n, in], W [in, out], b [out] or undefined → [n, out]. In the compiled engine
 * the weight's gradient is one product over the rows of all steps, not a sum of one small product a step.
 */
export const stepLinear = (x: Tensor, w: Tensor, b?: Tensor): Tensor => stepLinearOp({ x, w, ...(b && { b }) }, {});

gradient('StepLinear', ['x', 'w'], (dy, { x, w }) => ({
  x: run('LinearDx', { dy, w }, { outIn: false }),
  w: run('StepLinearDw', { dy, x }),
  b: run('StepColumnSum', { dy }),
}));

const gruCellOp = fused('GruCell', ({ gx, gh, h, alive }) => {
  const [xr, xz, xn] = tf.split(gx, 3, 1);
  const [hr, hz, hn] = tf.split(gh, 3, 1);
  const reset = tf.sigmoid(tf.add(xr, hr));
  const update = tf.sigmoid(tf.add(xz, hz));
  const candidate = tf.tanh(tf.add(xn, tf.mul(reset, hn)));
  const change = alive ? tf.mul(tf.sub(1, update), alive) : tf.sub(1, update);
  return tf.sub(h, tf.mul(change, tf.sub(h, candidate)));
});

/**
 * A gated recurrent unit's next state (Cho et al., 2014; the reset gate after the product, as torch.nn.GRU and cuDNN have it):
 * gx = x W_ih + b_ih and gh = h W_hh + b_hh, both [n, 3 · width] in the order reset, update, candidate; h [n, width].
 * alive [n, 1] is 1, or 0 where the state stays as it is, bit for bit (padding).
 */
export const gruCell = (gx: Tensor, gh: Tensor, h: Tensor, alive?: Tensor): Tensor =>
  gruCellOp({ gx, gh, h, ...(alive && { alive }) }, {});

gradient(
  'GruCell',
  [],
  (dy, { y }) => {
    const [gx, gh, h] = run<Tensor[]>('GruCellGrad', { dy, y });
    return { gx, gh, h };
  },
  { keepOutput: true },
);

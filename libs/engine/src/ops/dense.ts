import { type Tensor, tf } from '../tf.js';
import { fused, gradient, run } from './fused.js';

type LinearAttributes = { outIn: boolean };

const linearOp = fused<LinearAttributes>('Linear', ({ x, w, b }, { outIn }) =>
  tf.add(tf.matMul(x, w, false, outIn), b),
);

/** y = x W + b: x [n, in], W [in, out] (or [out, in] with outIn), b [out] → [n, out]. */
export const linear = (x: Tensor, w: Tensor, b: Tensor, { outIn = false } = {}): Tensor =>
  linearOp({ x, w, b }, { outIn });

gradient<LinearAttributes>('Linear', ['x', 'w', 'b'], (dy, { x, w }, { outIn }) => ({
  x: run('LinearDx', { dy, w }, { outIn }),
  w: run('LinearDw', { dy, x }, { outIn }),
  b: run('ColumnSum', { dy }),
}));

type NormAttributes = { epsilon: number };

const layerNormOp = fused<NormAttributes>('LayerNorm', ({ x, gamma, beta }, { epsilon }) => {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true);
  return tf.add(tf.mul(tf.div(centred, tf.sqrt(tf.add(variance, epsilon))), gamma), beta);
});

/** Layer normalisation (Ba et al., 2016) over the last axis of x [n, d], biased variance. BERT's ε is 1e-12. */
export const layerNorm = (x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): Tensor =>
  layerNormOp({ x, gamma, beta }, { epsilon });

gradient<NormAttributes>(
  'LayerNorm',
  ['x', 'gamma'],
  (dy, { x, gamma, y }) => {
    const [dx, dGamma] = run<Tensor[]>('LayerNormGrad', { dy, x, gamma, y });
    return { x: dx, gamma: dGamma, beta: run('ColumnSum', { dy }) };
  },
  { keepOutput: true },
);

const geluOp = fused('GeluErf', ({ x }) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)));

/** x Φ(x) with the exact error function (Hendrycks & Gimpel, 2016), as BERT has it; not the tanh approximation. */
export const gelu = (x: Tensor): Tensor => geluOp({ x }, {});

gradient('GeluErf', [], (dy, { y }) => ({ x: run('GeluErfGrad', { dy, y }) }), { keepOutput: true });

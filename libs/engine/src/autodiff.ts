import { type Tensor, tf } from './tf.js';

/**
 * Gradients of f's result with respect to `weights`, on the active backend; undefined for a weight that f does not read
 * (tf.valueAndGrads would refuse those: a head that a task does not use is no error).
 */
export function gradientsOf(f: () => Tensor, weights: Tensor[]): (Tensor | undefined)[] {
  return tf.engine().gradients(f, weights).grads;
}

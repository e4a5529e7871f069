import { type Tensor, tf } from '../tf.js';
import { gradient, hasKernel, run } from './fused.js';

/** What a classifier's rows sum to; both are scalars. Only `loss` has a gradient. */
export interface ClassifierSums {
  /** Σ weight[r] · −log softmax(x W^T + b)[r, label[r]], in nats. */
  loss: Tensor;
  /** Σ weight[r] over the rows whose most probable class is the label. */
  correct: Tensor;
}

function composed(x: Tensor, w: Tensor, b: Tensor, labels: Tensor, weights: Tensor): ClassifierSums {
  const logits = tf.add(tf.matMul(x, w, false, true), b);
  const hot = tf.cast(tf.oneHot(tf.cast(labels, 'int32'), w.shape[0]), 'float32');
  const logLikelihood = tf.sum(tf.mul(tf.logSoftmax(logits as tf.Tensor2D), hot), -1);
  const right = tf.cast(tf.equal(tf.argMax(logits, -1), labels), 'float32');
  return { loss: tf.neg(tf.sum(tf.mul(logLikelihood, weights))), correct: tf.sum(tf.mul(right, weights)) };
}

/** Softmax cross-entropy of a linear classifier: x [n, width], W [classes, width], b [classes], labels int32 [n], weights [n]. The logits' gradient is never formed. */
export function decoderCrossEntropy(x: Tensor, w: Tensor, b: Tensor, labels: Tensor, weights: Tensor): ClassifierSums {
  if (!hasKernel('DecoderCrossEntropy')) return composed(x, w, b, labels, weights);
  const loss = run('DecoderCrossEntropy', { x, w, b, labels, weights });
  return { loss, correct: run('DecoderCorrect', { loss, labels, weights }) };
}

gradient(
  'DecoderCrossEntropy',
  ['x', 'w', 'labels', 'weights'],
  (dy, { x, w, labels, weights, y }) => {
    const [dx, dw, db] = run<Tensor[]>('DecoderCrossEntropyGrad', { dy, x, w, labels, weights, y });
    return { x: dx, w: dw, b: db };
  },
  { keepOutput: true },
);

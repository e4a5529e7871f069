import { type Tensor, tf } from '../tf.js';
import { gradient, hasKernel, run } from './fused.js';

/** What a classifier's rows sum to; all are scalars. Only `loss` has a gradient. */
export interface ClassifierSums {
  /** Σ weight[r] · −log softmax(x W^T + b)[r, label[r]], in nats; smoothed, if labels are. */
  loss: Tensor;
  /** The same without label smoothing. */
  nll: Tensor;
  /** Σ weight[r] over the rows whose most probable class is the label. */
  correct: Tensor;
}

interface SmoothingAttributes extends Record<string, number> {
  smoothing: number;
}

function composed(x: Tensor, w: Tensor, b: Tensor, labels: Tensor, weights: Tensor, smoothing: number): ClassifierSums {
  const classes = w.shape[0];
  const logits = tf.add(tf.matMul(x, w, false, true), b);
  const logProbabilities = tf.logSoftmax(logits as tf.Tensor2D);
  const hot = tf.cast(tf.oneHot(tf.cast(labels, 'int32'), classes), 'float32');
  const surprise = (truth: Tensor) => tf.neg(tf.sum(tf.mul(tf.sum(tf.mul(logProbabilities, truth), -1), weights)));
  const right = tf.cast(tf.equal(tf.argMax(logits, -1), labels), 'float32');
  return {
    loss: surprise(tf.add(tf.mul(hot, 1 - smoothing), smoothing / classes)),
    nll: surprise(hot),
    correct: tf.sum(tf.mul(right, weights)),
  };
}

/**
 * Softmax cross-entropy of a linear classifier: x [n, width], W [classes, width], b [classes], labels int32 [n], weights [n]. `smoothing` ε
 * trains towards (1 − ε) onehot + ε / classes (Szegedy et al., 2016, section 7; torch's label_smoothing). The logits' gradient is never formed.
 */
export function decoderCrossEntropy(
  x: Tensor,
  w: Tensor,
  b: Tensor,
  labels: Tensor,
  weights: Tensor,
  { smoothing = 0 } = {},
): ClassifierSums {
  if (!hasKernel('DecoderCrossEntropy')) return composed(x, w, b, labels, weights, smoothing);
  const loss = run('DecoderCrossEntropy', { x, w, b, labels, weights }, { smoothing });
  return {
    loss,
    nll: smoothing === 0 ? loss : run('DecoderNll', { loss }),
    correct: run('DecoderCorrect', { loss, labels, weights }),
  };
}

gradient<SmoothingAttributes>(
  'DecoderCrossEntropy',
  ['x', 'w', 'labels', 'weights'],
  (dy, { x, w, labels, weights, y }, { smoothing }) => {
    const [dx, dw, db] = run<Tensor[]>('DecoderCrossEntropyGrad', { dy, x, w, labels, weights, y }, { smoothing });
    return { x: dx, w: dw, b: db };
  },
  { keepOutput: true },
);

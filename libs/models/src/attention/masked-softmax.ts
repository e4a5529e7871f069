// B batch, Q queries, K keys.
import * as tf from '@tensorflow/tfjs-core';

type Tensor = tf.Tensor;

/** What a masked score is lowered by: its softmax is exactly 0 in float32 beside any score that is not masked. */
const FAR = 1e9;

/** 1 for the keys that may be looked at, else 0, from valid lengths int32 [B] or [B, Q] → float32 [B, 1, K] or [B, Q, K]. */
export function lengthMask(lengths: Tensor, keys: number): Tensor {
  const [batch, queries = 1] = lengths.shape;
  const places = tf.tensor3d(
    Float32Array.from({ length: keys }, (_, i) => i),
    [1, 1, keys],
  );
  const valid = tf.less(places, tf.cast(tf.reshape(lengths, [batch, queries, 1]), 'float32'));
  return tf.cast(valid, 'float32');
}

/**
 * Softmax over the keys that `mask` (1 or 0, dtype float32 or bool, broadcast to [B, Q, K]) lets through; the others' weights are exactly 0.
 * A row without any such key has only weights of 0.
 */
export function maskedSoftmax(scores: Tensor, mask?: Tensor): Tensor {
  if (!mask) return tf.softmax(scores);
  const open = tf.cast(mask, 'float32');
  const lowered = tf.add(scores, tf.mul(tf.sub(open, 1), FAR));
  return tf.mul(tf.softmax(lowered), open);
}

// Attention of one query a row to keys and values that lie batch first, [B, C, D], without a gradient. A query is laid out as H rows of width
// D, each nothing but one head's part of it: so the cache is read as it lies, for H times the few multiplications that one query takes.
import { type InputSpec, relu } from '@regatta/engine/ops';
import * as tf from '@tensorflow/tfjs-core';
import { MASKED } from './layers.js';

type Tensor = tf.Tensor;

/** The input that says which source tokens are there: 1 for a token. */
export const sourceInputs = ({ batch, sourceLength }: { batch: number; sourceLength: number }): InputSpec => ({
  name: 'sourceMask',
  shape: [batch, sourceLength],
  dtype: 'float32',
});

/** What a mask [B, S] of ones and zeros adds to scores: [B, 1, S]. */
export const sourceScores = (mask: Tensor): Tensor => tf.expandDims(tf.mul(tf.sub(1, mask), MASKED), 1);

/** What is added to the scores of a cache's places at a row's position: only places before it count. position int32 [B] → [B, 1, capacity]. */
export function pastScores(position: Tensor, capacity: number): Tensor {
  const places = tf.tensor(
    Float32Array.from({ length: capacity }, (_, j) => j + 1),
    [1, 1, capacity],
  );
  const beyond = tf.sub(places, tf.reshape(tf.cast(position, 'float32'), [position.shape[0], 1, 1]));
  return tf.mul(relu(beyond), MASKED);
}

/** [1, H, D]: 1 where a column belongs to a head. */
function headColumns(heads: number, width: number): Tensor {
  const mine = Float32Array.from({ length: heads * width }, (_, at) =>
    Math.floor((at % width) / (width / heads)) === Math.floor(at / width) ? 1 : 0,
  );
  return tf.tensor(mine, [1, heads, width]);
}

const rowsOfHeads = (x: Tensor, heads: number): Tensor =>
  tf.mul(tf.expandDims(x, 1), headColumns(heads, x.shape[1] as number));
const joined = (perHead: Tensor): Tensor =>
  tf.sum(tf.mul(perHead, headColumns(perHead.shape[1] as number, perHead.shape[2] as number)), 1);

/** q [B, D] to keys and values [B, C, D], mask additive [B, 1, C] → context [B, D] and probabilities [B, H, C]. */
export function attendTo(q: Tensor, keys: Tensor, values: Tensor, mask: Tensor, heads: number) {
  const scale = Math.sqrt(heads / (q.shape[1] as number));
  const scores = tf.matMul(rowsOfHeads(tf.mul(q, scale), heads), keys, false, true);
  const probabilities = tf.softmax(tf.add(scores, mask));
  return { context: joined(tf.matMul(probabilities, values)), probabilities };
}

/** The same to a cache and to the row's own new key and value [B, D], which it does not hold yet → context [B, D]. */
export function attendToPast(
  q: Tensor,
  own: { key: Tensor; value: Tensor },
  cache: { keys: Tensor; values: Tensor },
  mask: Tensor,
  heads: number,
): Tensor {
  const capacity = cache.keys.shape[1] as number;
  const rows = rowsOfHeads(tf.mul(q, Math.sqrt(heads / (q.shape[1] as number))), heads);
  const past = tf.add(tf.matMul(rows, cache.keys, false, true), mask); // [B, H, C]
  const self = tf.matMul(rows, tf.expandDims(own.key, 2)); // [B, H, 1]
  const probabilities = tf.softmax(tf.concat([past, self], 2));
  const [before, now] = tf.split(probabilities, [capacity, 1], 2);
  return joined(tf.add(tf.matMul(before, cache.values), tf.mul(now, tf.expandDims(own.value, 1))));
}

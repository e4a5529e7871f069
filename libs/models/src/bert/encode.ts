// The encoder without dropout over batch-first inputs. B sequences, T tokens, D hidden size, H heads; rows time-major: n = T · B.
import { attentionProbabilities, type InputSpec } from '@regatta/engine/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { BertLayers, Weights } from './layers.js';

type Tensor = tf.Tensor;

export interface ForwardShape {
  batch: number;
  length: number;
}

/** Inputs of every model without a loss: ids, segments and mask (1 for a token, 0 for padding), int32 [B · T], sequence after sequence. */
export const forwardInputs = ({ batch, length }: ForwardShape): InputSpec[] =>
  ['ids', 'segments', 'mask'].map((name) => ({ name, shape: [batch * length], dtype: 'int32' }));

/** Puts one tensor a layer one behind the other, [layers, …]. */
export const stack = (parts: Tensor[]): Tensor =>
  tf.concat(
    parts.map((part) => tf.expandDims(part, 0)),
    0,
  );

/** [T · B, width] → [B, T, width]. */
export const batchFirst = (x: Tensor, { batch, length }: ForwardShape, width: number): Tensor =>
  tf.transpose(tf.reshape(x, [length, batch, width]), [1, 0, 2]);

/** First tokens' rows: [T · B, D] → [B, D]. */
export const firstRows = (x: Tensor, { batch, length }: ForwardShape): Tensor =>
  length === 1 ? x : tf.split(x, [batch, (length - 1) * batch], 0)[0];

export interface Encoded {
  /** [n, D] of the embeddings and of every layer: L + 1. */
  states: Tensor[];
  /** [B, H, T, T] of every layer; empty where they were not asked for. */
  probabilities: Tensor[];
}

/** Embeddings and the first `count` layers. */
export function encode(
  layers: BertLayers,
  x: Weights,
  shape: ForwardShape,
  { count, heads, attention }: { count: number; heads: number; attention: boolean },
): Encoded {
  const { batch, length } = shape;
  const timeMajor = (t: Tensor) => tf.reshape(tf.transpose(tf.reshape(t, [batch, length]), [1, 0]), [batch * length]);
  const mask = additiveMask(x.mask, shape);
  const states = [layers.embed(timeMajor(x.ids), timeMajor(x.segments), batch, '')];
  const probabilities: Tensor[] = [];
  for (let l = 0; l < count; l++) {
    const y = states[l];
    if (attention) {
      const { q, k } = layers.project(y, y, l);
      probabilities.push(attentionProbabilities(q, k, mask, { heads, batch }));
    }
    states.push(layers.rowWise(y, layers.attend(y, y, mask, l, batch, ''), l, ''));
  }
  return { states, probabilities };
}

/** What a key adds to its score, 0 or −1e9: [B, 1, 1, T]. */
export const additiveMask = (mask: Tensor, { batch, length }: ForwardShape): Tensor =>
  tf.mul(tf.sub(1, tf.cast(tf.reshape(mask, [batch, 1, 1, length]), 'float32')), -1e9);

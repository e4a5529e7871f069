// The whole model without a loss: B sequences, T tokens, D hidden size, H heads, V vocabulary.
import { attentionProbabilities, type ForwardFunction, type InputSpec, linear } from '@regatta/engine/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { BertConfig } from '../shapes/bert.js';
import { BertLayers } from './layers.js';

type Tensor = tf.Tensor;

export interface ForwardShape {
  batch: number;
  length: number;
}

/**
 * BERT's outputs for inputs `ids`, `segments`, `mask` (1 for a token, 0 for padding), all int32 [B · T], sequence after sequence:
 * `lastHiddenState` [B, T, D]; `hiddenStates` [L + 1, B, T, D], embeddings first; `pooled` [B, D]; `predictionLogits` [B, T, V];
 * `seqRelationshipLogits` [B, 2]; with `attention`, `attentions` [L, B, H, T, T].
 */
export function bertForward(
  config: BertConfig,
  { batch, length }: ForwardShape,
  { attention = false } = {},
): { inputs: InputSpec[]; model: ForwardFunction } {
  const { hiddenSize, numHiddenLayers, numAttentionHeads: heads, vocabSize } = config;
  const timeMajor = (x: Tensor) => tf.reshape(tf.transpose(tf.reshape(x, [batch, length]), [1, 0]), [batch * length]);
  const batchFirst = (x: Tensor, width: number) => tf.transpose(tf.reshape(x, [length, batch, width]), [1, 0, 2]);
  const stack = (parts: Tensor[]) =>
    tf.concat(
      parts.map((part) => tf.expandDims(part, 0)),
      0,
    );
  const model: ForwardFunction = (p, x) => {
    const layers = new BertLayers(p, config, () => undefined);
    const absent = tf.sub(1, tf.cast(tf.reshape(x.mask, [batch, 1, 1, length]), 'float32'));
    const mask = tf.mul(absent, -1e9);
    const states = [layers.embed(timeMajor(x.ids), timeMajor(x.segments), batch, '')];
    const probabilities: Tensor[] = [];
    for (let l = 0; l < numHiddenLayers; l++) {
      const y = states[l];
      if (attention) {
        const { q, k } = layers.project(y, y, l);
        probabilities.push(attentionProbabilities(q, k, mask, { heads, batch }));
      }
      states.push(layers.rowWise(y, layers.attend(y, y, mask, l, batch, ''), l, ''));
    }
    const last = states[numHiddenLayers]; // (T · B, D)
    const first = tf.split(last, [batch, (length - 1) * batch], 0)[0]; // time 0 of every sequence
    const pooled = layers.pool(first);
    const words = p['bert.embeddings.word_embeddings.weight'];
    const logits = linear(layers.transform(last), words, p['cls.predictions.bias'], { outIn: true });
    const related = linear(pooled, p['cls.seq_relationship.weight'], p['cls.seq_relationship.bias'], { outIn: true });
    return {
      lastHiddenState: batchFirst(last, hiddenSize),
      hiddenStates: stack(states.map((state) => batchFirst(state, hiddenSize))),
      pooled,
      predictionLogits: batchFirst(logits, vocabSize),
      seqRelationshipLogits: related,
      ...(attention && { attentions: stack(probabilities) }),
    };
  };
  const inputs: InputSpec[] = ['ids', 'segments', 'mask'].map((name) => ({
    name,
    shape: [batch * length],
    dtype: 'int32',
  }));
  return { inputs, model };
}

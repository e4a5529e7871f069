// B batch, S source tokens, H width, L layers; rows time-major.
import { embedding } from '@regatta/engine/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { Seq2SeqConfig } from './config.js';
import { type Drop, gruStack, type Weights } from './gru.js';

type Tensor = tf.Tensor;

export interface Encoded {
  /** The last layer's states, [S · B, H]; behind a sentence's end its last state is repeated. */
  outputs: Tensor;
  /** Every layer's state after the last token, L times [B, H]. */
  states: Tensor[];
}

/** ids int32 [S · B] and mask [S · B, 1], 1 for a token: padding never touches a state. */
export function encode(
  p: Weights,
  config: Seq2SeqConfig,
  ids: Tensor,
  mask: Tensor,
  length: number,
  drop: Drop,
): Encoded {
  const batch = ids.shape[0] / length;
  const alive = tf.split(mask, length, 0);
  const start = tf.zeros([batch, config.hiddenSize]);
  let outputs = drop(embedding(p['encoder.embedding.weight'], ids), 'encoder.embedding');
  const states: Tensor[] = [];
  for (const [l, layer] of gruStack(p, 'encoder.rnn', config.numHiddenLayers).entries()) {
    if (l > 0) outputs = drop(outputs, `encoder.layer.${l - 1}`);
    const over = layer.over(layer.fromInputs(outputs), start, alive);
    outputs = over.states;
    states.push(over.last);
  }
  return { outputs, states };
}

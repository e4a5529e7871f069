import { type InputSpec, linear } from '@regatta/engine/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { Stage, TranslationShape } from '../translation.js';
import { sourceInputs, sourceScores } from './cached.js';
import type { TransformerConfig } from './config.js';
import { TransformerLayers } from './layers.js';

/**
 * The whole model under teacher forcing, without dropout or loss: `sourceIds` int32 [B · S] and `targetInputIds` int32 [B · T], batch first,
 * and `sourceMask` [B, S] (1 for a token) → `memory` [B, S, D] and `logits` [B, T, V].
 */
export function transformerForward(config: TransformerConfig, shape: TranslationShape): Stage {
  const { batch: B, sourceLength: S, targetLength: T } = shape;
  const ids = (name: string, length: number): InputSpec => ({ name, shape: [B * length], dtype: 'int32' });
  return {
    inputs: [ids('sourceIds', S), sourceInputs(shape), ids('targetInputIds', T)],
    model: (p, x) => {
      const layers = new TransformerLayers(p, config, () => undefined);
      const mask = tf.expandDims(sourceScores(x.sourceMask), 1); // [B, 1, 1, S]
      const memory = layers.encode(timeMajor(x.sourceIds, B, S), mask, B);
      const states = layers.decode(timeMajor(x.targetInputIds, B, T), memory, mask, B);
      const { weight, bias } = layers.output();
      const logits = linear(states, weight, bias, { outIn: true });
      return { memory: batchFirst(memory, B, S), logits: batchFirst(logits, B, T) };
    },
  };
}

/** ids [batch · time], sequence after sequence → time-major. */
export const timeMajor = (ids: tf.Tensor, batch: number, time: number): tf.Tensor =>
  tf.reshape(tf.transpose(tf.reshape(ids, [batch, time]), [1, 0]), [time * batch]);

/** Time-major rows [time · batch, width] → [batch, time, width]. */
export const batchFirst = (rows: tf.Tensor, batch: number, time: number): tf.Tensor =>
  tf.transpose(tf.reshape(rows, [time, batch, rows.shape[1] as number]), [1, 0, 2]);

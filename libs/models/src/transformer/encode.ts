import * as tf from '@tensorflow/tfjs-core';
import type { Stage } from '../translation.js';
import { sourceInputs, sourceScores } from './cached.js';
import type { TransformerConfig } from './config.js';
import { TransformerLayers } from './layers.js';

/**
 * The encoder for one shape, and what decoding reads of its result: for each decoder layer l, `memory.l.keys` and `memory.l.values`, [B, S, D].
 * See TranslationModel.encode.
 */
export function encodeStage(config: TransformerConfig, shape: { batch: number; sourceLength: number }): Stage {
  const { batch: B, sourceLength: S } = shape;
  const { hiddenSize: D, numHiddenLayers } = config;
  return {
    inputs: [{ name: 'sourceIds', shape: [B * S], dtype: 'int32' }, sourceInputs(shape)],
    model: (p, x) => {
      const layers = new TransformerLayers(p, config, () => undefined);
      const timeMajor = tf.reshape(tf.transpose(tf.reshape(x.sourceIds, [B, S]), [1, 0]), [S * B]);
      const mask = tf.reshape(sourceScores(x.sourceMask), [B, 1, 1, S]);
      const memory = layers.encode(timeMajor, mask, B);
      const batchFirst = (rows: tf.Tensor) => tf.transpose(tf.reshape(rows, [S, B, D]), [1, 0, 2]);
      const outputs: Record<string, tf.Tensor> = {};
      for (let l = 0; l < numHiddenLayers; l++) {
        const at = `decoder.layers.${l}.encoder_attn`;
        outputs[`memory.${l}.keys`] = batchFirst(layers.dense(memory, `${at}.k_proj`));
        outputs[`memory.${l}.values`] = batchFirst(layers.dense(memory, `${at}.v_proj`));
      }
      return outputs;
    },
  };
}

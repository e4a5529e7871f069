import * as tf from '@tensorflow/tfjs-core';
import type { Stage } from '../translation.js';
import { sourceInputs, sourceScores } from './cached.js';
import type { TransformerConfig } from './config.js';
import { batchFirst, timeMajor } from './forward.js';
import { TransformerLayers } from './layers.js';

/**
 * The encoder for one shape, and what decoding reads of its result: for each decoder layer l, `memory.l.keys` and `memory.l.values`, [B, S, D].
 * See TranslationModel.encode.
 */
export function encodeStage(config: TransformerConfig, shape: { batch: number; sourceLength: number }): Stage {
  const { batch: B, sourceLength: S } = shape;
  return {
    inputs: [{ name: 'sourceIds', shape: [B * S], dtype: 'int32' }, sourceInputs(shape)],
    model: (p, x) => {
      const layers = new TransformerLayers(p, config, () => undefined);
      const mask = tf.expandDims(sourceScores(x.sourceMask), 1); // [B, 1, 1, S]
      const memory = layers.encode(timeMajor(x.sourceIds, B, S), mask, B);
      const outputs: Record<string, tf.Tensor> = {};
      for (let l = 0; l < config.numHiddenLayers; l++) {
        const at = `decoder.layers.${l}.encoder_attn`;
        outputs[`memory.${l}.keys`] = batchFirst(layers.dense(memory, `${at}.k_proj`), B, S);
        outputs[`memory.${l}.values`] = batchFirst(layers.dense(memory, `${at}.v_proj`), B, S);
      }
      return outputs;
    },
  };
}

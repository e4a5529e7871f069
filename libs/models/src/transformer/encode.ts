import type { InputSpec } from '@regatta/engine/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { Stage } from '../translation.js';
import { sourceInputs, sourceScores } from './cached.js';
import type { TransformerConfig } from './config.js';
import { batchFirst, timeMajor } from './forward.js';
import { TransformerLayers } from './layers.js';

export interface EncodeShape {
  batch: number;
  sourceLength: number;
}

/**
 * The encoder for one shape, and what decoding reads of its result: for each decoder layer l, `memory.l.keys` and `memory.l.values`, [B, S, D].
 * See TranslationModel.encode.
 */
export function encodeStage(config: TransformerConfig, shape: EncodeShape): Stage {
  const { batch: B, sourceLength: S } = shape;
  return {
    inputs: encodeInputs(shape),
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

/** What the encoder's self-attention looks at: `attention` [B, heads of all layers, S, S]. See TranslationModel.encoderAttention. */
export function encoderAttentionStage(config: TransformerConfig, shape: EncodeShape): Stage {
  const { batch: B, sourceLength: S } = shape;
  return {
    inputs: encodeInputs(shape),
    model: (p, x) => {
      const layers = new TransformerLayers(p, config, () => undefined);
      const mask = tf.expandDims(sourceScores(x.sourceMask), 1); // [B, 1, 1, S]
      const maps: tf.Tensor[] = [];
      layers.encode(timeMajor(x.sourceIds, B, S), mask, B, (z, name) => {
        maps.push(layers.probabilities(z, mask, name, B));
      });
      return { attention: tf.concat(maps, 1) };
    },
  };
}

const encodeInputs = (shape: EncodeShape): InputSpec[] => [
  { name: 'sourceIds', shape: [shape.batch * shape.sourceLength], dtype: 'int32' },
  sourceInputs(shape),
];

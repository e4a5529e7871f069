import { embedding, type InputSpec, linear } from '@regatta/engine/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { Stage } from '../translation.js';
import { attendTo, attendToPast, pastScores, sourceInputs, sourceScores } from './cached.js';
import type { TransformerConfig } from './config.js';
import { TransformerLayers } from './layers.js';
import { sinusoidalPositions } from './positions.js';

interface DecodeShape {
  batch: number;
  sourceLength: number;
  /** C, the positions that the cache has room for. */
  capacity: number;
}

/**
 * One token of every row, for one shape and all positions: keys and values of earlier tokens come as `state.l.keys` and `state.l.values`
 * [B, C, D], those of this token go out as `row.l.keys` and `row.l.values` [B, D]. See TranslationModel.decode.
 */
export function decodeStage(config: TransformerConfig, shape: DecodeShape): Stage {
  const { hiddenSize: D, numAttentionHeads: heads, numHiddenLayers, positions } = config;
  const { batch: B, capacity } = shape;
  return {
    inputs: decodeInputs(config, shape),
    model: (p, x) => {
      const layers = new TransformerLayers(p, config, () => undefined);
      const [source, past] = [sourceScores(x.sourceMask), pastScores(x.position, capacity)];
      const table =
        positions === 'learned'
          ? p['decoder.embed_positions.weight']
          : tf.tensor2d(sinusoidalPositions(capacity, D), [capacity, D]);
      let y = tf.add(layers.words('decoder', x.tokenIds), embedding(table, x.position));
      const rows: Record<string, tf.Tensor> = {};
      const maps: tf.Tensor[] = [];
      for (let l = 0; l < numHiddenLayers; l++) {
        const at = `decoder.layers.${l}`;
        const self = (z: tf.Tensor) => {
          const key = layers.dense(z, `${at}.self_attn.k_proj`);
          const value = layers.dense(z, `${at}.self_attn.v_proj`);
          rows[`row.${l}.keys`] = key;
          rows[`row.${l}.values`] = value;
          const cache = { keys: x[`state.${l}.keys`], values: x[`state.${l}.values`] };
          return attendToPast(layers.dense(z, `${at}.self_attn.q_proj`), { key, value }, cache, past, heads);
        };
        const cross = (z: tf.Tensor) => {
          const q = layers.dense(z, `${at}.encoder_attn.q_proj`);
          const { context, probabilities } = attendTo(q, x[`memory.${l}.keys`], x[`memory.${l}.values`], source, heads);
          maps.push(probabilities);
          return context;
        };
        y = layers.decoderLayer(l, y, self, cross);
      }
      const { weight, bias } = layers.output();
      const logits = linear(layers.finish('decoder', y), weight, bias, { outIn: true });
      return {
        logits,
        attention: tf.reshape(tf.concat(maps, 1), [B, numHiddenLayers * heads, shape.sourceLength]),
        ...rows,
      };
    },
  };
}

function decodeInputs(config: TransformerConfig, shape: DecodeShape): InputSpec[] {
  const { batch: B, sourceLength: S, capacity: C } = shape;
  const cached = (name: string, length: number): InputSpec[] =>
    ['keys', 'values'].map((part) => ({
      name: `${name}.${part}`,
      shape: [B, length, config.hiddenSize],
      dtype: 'float32',
    }));
  return [
    { name: 'tokenIds', shape: [B], dtype: 'int32' },
    { name: 'position', shape: [B], dtype: 'int32' },
    sourceInputs(shape),
    ...Array.from({ length: config.numHiddenLayers }, (_, l) => [
      ...cached(`memory.${l}`, S),
      ...cached(`state.${l}`, C),
    ]).flat(),
  ];
}

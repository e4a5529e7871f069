// B sentence pairs in chunks of a few inside one graph, S source and T target tokens, rows time-major inside a chunk.
import { decoderCrossEntropy, type InputSpec } from '@regatta/engine/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { TranslationModel, TranslationShape } from '../translation.js';
import type { TransformerConfig } from './config.js';
import { TransformerLayers } from './layers.js';
import { chunksOf, placeBatch } from './place.js';

/** Teacher-forced training for one shape, the batch in these chunks; see TranslationModel.train. */
export function trainStage(
  config: TransformerConfig,
  shape: TranslationShape,
  chunks = chunksOf(shape),
): ReturnType<TranslationModel['train']> {
  return {
    inputs: trainInputs(shape, chunks),
    model: (p, x, keep) => {
      const ends = chunks.map((size, c) => {
        const layers = new TransformerLayers(p, config, keep, `/${c}`);
        const mask = x[`sourceMask.${c}`];
        const memory = layers.encode(x[`sourceIds.${c}`], mask, size); // (S · size, D)
        return layers.decode(x[`targetInputIds.${c}`], memory, mask, size); // (T · size, D)
      });
      const { weight, bias } = new TransformerLayers(p, config, keep).output();
      const { labelSmoothing: smoothing } = config;
      const sums = decoderCrossEntropy(tf.concat(ends, 0), weight, bias, x.targetIds, x.weights, { smoothing });
      return { loss: tf.mul(sums.loss, x.scale), sums: { ...sums } };
    },
    place: (batch, inputs, scale) => placeBatch(shape, chunks, batch, inputs, scale),
  };
}

function trainInputs({ batch, sourceLength: S, targetLength: T }: TranslationShape, chunks: number[]): InputSpec[] {
  const int = (name: string, size: number): InputSpec => ({ name, shape: [size], dtype: 'int32' });
  const float = (name: string, dims: number[]): InputSpec => ({ name, shape: dims, dtype: 'float32' });
  return [
    ...chunks.flatMap((size, c) => [
      int(`sourceIds.${c}`, size * S),
      float(`sourceMask.${c}`, [size, 1, 1, S]),
      int(`targetInputIds.${c}`, size * T),
    ]),
    int('targetIds', batch * T),
    float('weights', [batch * T]),
    float('scale', []),
  ];
}

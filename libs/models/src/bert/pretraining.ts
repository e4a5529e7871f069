// Masked language model and next-sentence prediction (Devlin et al., 2019). B sequences, T tokens, S slots; chunks of a few sequences inside
// one graph, rows time-major inside a chunk: n = T · chunk.
import { decoderCrossEntropy, gatherRows, type InputSpec, type ModelFunction } from '@regatta/engine/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { BertConfig } from '../shapes/bert.js';
import { BertLayers } from './layers.js';
import { type Inputs, type PretrainingBatch, placeBatch, type Scales } from './place.js';
import { chunksOf, type PretrainingShape } from './shape.js';

export interface BertPretraining {
  inputs: InputSpec[];
  model: ModelFunction;
  /** Writes a micro-batch into a program's inputs. Throws RangeError if it does not fit the shape. */
  place(batch: PretrainingBatch, inputs: Inputs, scales: Scales): void;
}

/**
 * BERT pretraining for one shape. The sums `mlmLoss`, `nspLoss` (nats), `mlmCorrect` and `nspCorrect` are over weighted rows and unscaled;
 * the loss that is differentiated is mlmLoss · scaleMlm + nspLoss · scaleNsp.
 */
export function bertPretraining(config: BertConfig, shape: PretrainingShape): BertPretraining {
  const { length, slots } = shape;
  if (slots + 1 > length) {
    throw new RangeError(`${slots} masked positions and [CLS] do not fit into ${length} tokens`);
  }
  if (length > config.maxPositionEmbeddings) {
    throw new RangeError(
      `a sequence of ${length} tokens is longer than maxPositionEmbeddings ${config.maxPositionEmbeddings}`,
    );
  }
  const chunks = chunksOf(shape);
  return {
    inputs: pretrainingInputs(shape),
    model: (p, x, keep) => {
      const layers = new BertLayers(p, config, keep);
      const last = config.numHiddenLayers - 1;
      // in the last layer only the rows that a head reads ask, and only they pass its row-wise half: exact, and 12–14 % of a 4-layer step
      const ends = chunks.map((size, c) => {
        const suffix = `/${c}`;
        let y = layers.embed(x[`ids.${c}`], x[`segments.${c}`], size, suffix);
        for (let l = 0; l < last; l++) {
          y = layers.rowWise(y, layers.attend(y, y, x[`mask.${c}`], l, size, suffix), l, suffix);
        }
        const read = gatherRows(y, x[`rows.${c}`], x[`inverse.${c}`]); // ((S + 1) · chunk, D)
        return { read, context: layers.attend(read, y, x[`mask.${c}`], last, size, suffix) };
      });
      const read = tf.concat(
        ends.map((end) => end.read),
        0,
      );
      const context = tf.concat(
        ends.map((end) => end.context),
        0,
      );
      const rows = layers.rowWise(read, context, last, '');
      // a chunk's rows are its masked positions, then its first tokens
      const pieces = tf.split(
        rows,
        chunks.flatMap((size) => [slots * size, size]),
        0,
      );
      const masked = tf.concat(
        pieces.filter((_, i) => i % 2 === 0),
        0,
      ); // (S · B, D)
      const first = tf.concat(
        pieces.filter((_, i) => i % 2 === 1),
        0,
      ); // (B, D)
      const words = p['bert.embeddings.word_embeddings.weight'];
      const mlm = decoderCrossEntropy(
        layers.transform(masked),
        words,
        p['cls.predictions.bias'],
        x.mlmLabels,
        x.mlmWeights,
      );
      const [w, b] = [p['cls.seq_relationship.weight'], p['cls.seq_relationship.bias']];
      const nsp = decoderCrossEntropy(layers.pool(first), w, b, x.nspLabels, x.nspWeights);
      return {
        loss: tf.add(tf.mul(mlm.loss, x.scaleMlm), tf.mul(nsp.loss, x.scaleNsp)),
        sums: { mlmLoss: mlm.loss, nspLoss: nsp.loss, mlmCorrect: mlm.correct, nspCorrect: nsp.correct },
      };
    },
    place: (data, inputs, scales) => placeBatch(shape, data, inputs, scales),
  };
}

function pretrainingInputs(shape: PretrainingShape): InputSpec[] {
  const { batch, length, slots } = shape;
  const int = (name: string, dims: number[]): InputSpec => ({ name, shape: dims, dtype: 'int32' });
  const float = (name: string, dims: number[]): InputSpec => ({ name, shape: dims, dtype: 'float32' });
  return [
    ...chunksOf(shape).flatMap((size, c) => [
      int(`ids.${c}`, [size * length]),
      int(`segments.${c}`, [size * length]),
      float(`mask.${c}`, [size, 1, 1, length]),
      int(`rows.${c}`, [size * (slots + 1)]),
      int(`inverse.${c}`, [size * length]),
    ]),
    int('mlmLabels', [batch * slots]),
    float('mlmWeights', [batch * slots]),
    int('nspLabels', [batch]),
    float('nspWeights', [batch]),
    float('scaleMlm', []),
    float('scaleNsp', []),
  ];
}

// Fine-tuning (Devlin et al., 2019, section 4). B sequences, T tokens, D hidden size, L labels; chunks of a few sequences inside one graph,
// rows time-major inside a chunk: n = T · chunk.
import {
  type ClassifierSums,
  decoderCrossEntropy,
  gatherRows,
  type InputSpec,
  type ModelFunction,
} from '@regatta/engine/ops';
import * as tf from '@tensorflow/tfjs-core';
import type { BertConfig } from '../shapes/bert.js';
import { type BertHeadShape, isPooled, outputLayerOf } from '../shapes/bert-heads.js';
import { BertLayers, type Weights } from './layers.js';
import type { Inputs } from './place.js';
import { type HeadBatch, placeHeadBatch } from './place-head.js';
import { type ChunkedShape, chunksOf } from './shape.js';

type Tensor = tf.Tensor;

export interface BertHeadTraining {
  inputs: InputSpec[];
  model: ModelFunction;
  /** Names of the model's sums. */
  sums: readonly string[];
  /** Writes a micro-batch into a program's inputs; `scale` is 1 / the global count. Throws RangeError if it does not fit the shape. */
  place(batch: HeadBatch, inputs: Inputs, scale: number): void;
}

/** A head's sums over weighted rows, unscaled. */
type Sums = Record<string, Tensor> & { loss: Tensor };

const counted = ({ loss, correct }: ClassifierSums): Sums => ({ loss, correct });

/** Sums that a head's training gives: `loss`, and `correct` but for a regression. */
export const headSums = ({ kind }: BertHeadShape): readonly string[] =>
  kind === 'regression' ? ['loss'] : ['loss', 'correct'];

/**
 * Fine-tuning of one head for one shape; the loss that is differentiated is the sum `loss` · scale. By head:
 * - sequence classification: cross-entropy of each sequence in nats; `correct` counts sequences;
 * - regression: the squared error of each sequence;
 * - token classification: cross-entropy of each labelled token; `correct` counts tokens;
 * - question answering: the mean of start's and end's cross-entropy of each sequence, over the tokens that are not padding; `correct`
 *   counts starts and ends, so at most 2 a sequence.
 */
export function bertHeadTraining(config: BertConfig, head: BertHeadShape, shape: ChunkedShape): BertHeadTraining {
  const { length } = shape;
  if (length > config.maxPositionEmbeddings) {
    throw new RangeError(
      `a sequence of ${length} tokens is longer than maxPositionEmbeddings ${config.maxPositionEmbeddings}`,
    );
  }
  const model: ModelFunction = (p, x, keep) => {
    const layers = new BertLayers(p, config, keep);
    const sums = isPooled(head)
      ? ofSequences(layers, pooledRows(layers, config, shape, x), head, p, x)
      : ofTokens(layers, tokenRows(layers, config, shape, x), head, shape, p, x);
    return { loss: tf.mul(sums.loss, x.scale), sums };
  };
  return {
    inputs: inputsOf(head, shape),
    model,
    sums: headSums(head),
    place: (batch, inputs, scale) => placeHeadBatch(head, shape, batch, inputs, scale),
  };
}

/** Pooled [CLS] of every sequence, [B, D]. In the last layer only the rows of [CLS] ask, and only they pass its row-wise half. */
function pooledRows(layers: BertLayers, config: BertConfig, shape: ChunkedShape, x: Weights): Tensor {
  const last = config.numHiddenLayers - 1;
  const ends = chunksOf(shape).map((size, c) => {
    const y = throughLayers(layers, x, c, size, last);
    const rows = tf.tensor1d(
      Int32Array.from({ length: size }, (_, j) => j),
      'int32',
    );
    const n = size * shape.length;
    const inverse = tf.tensor1d(
      Int32Array.from({ length: n }, (_, row) => Math.min(row, size)),
      'int32',
    );
    const first = gatherRows(y, rows, inverse); // (chunk, D)
    return { first, context: layers.attend(first, y, x[`mask.${c}`], last, size, `/${c}`) };
  });
  const joined = (part: 'first' | 'context') =>
    tf.concat(
      ends.map((end) => end[part]),
      0,
    );
  return layers.pool(layers.rowWise(joined('first'), joined('context'), last, ''));
}

/** Every token's last hidden state, chunk after chunk: [n, D] each. */
const tokenRows = (layers: BertLayers, config: BertConfig, shape: ChunkedShape, x: Weights): Tensor[] =>
  chunksOf(shape).map((size, c) => throughLayers(layers, x, c, size, config.numHiddenLayers));

/** Embeddings and the first `count` layers of chunk c. */
function throughLayers(layers: BertLayers, x: Weights, c: number, size: number, count: number): Tensor {
  const suffix = `/${c}`;
  let y = layers.embed(x[`ids.${c}`], x[`segments.${c}`], size, suffix);
  for (let l = 0; l < count; l++) {
    y = layers.rowWise(y, layers.attend(y, y, x[`mask.${c}`], l, size, suffix), l, suffix);
  }
  return y;
}

function ofSequences(layers: BertLayers, pooled: Tensor, head: BertHeadShape, p: Weights, x: Weights): Sums {
  const rows = layers.drop(pooled, 'classifier'); // (B, D)
  if (head.kind !== 'regression') {
    return counted(decoderCrossEntropy(rows, p['classifier.weight'], p['classifier.bias'], x.labels, x.weights));
  }
  const predicted = tf.reshape(layers.dense(rows, 'classifier', true), [rows.shape[0]]);
  const error = tf.sub(predicted, x.labels);
  return { loss: tf.sum(tf.mul(tf.mul(error, error), x.weights)) };
}

function ofTokens(
  layers: BertLayers,
  chunks: Tensor[],
  head: BertHeadShape,
  shape: ChunkedShape,
  p: Weights,
  x: Weights,
): Sums {
  const layer = outputLayerOf(head);
  if (head.kind === 'token-classification') {
    const rows = layers.drop(tf.concat(chunks, 0), 'classifier'); // (B · T, D)
    return counted(decoderCrossEntropy(rows, p[`${layer}.weight`], p[`${layer}.bias`], x.labels, x.weights));
  }
  const { length } = shape;
  // a row of logits for each start and each end, one class a token: (2 · B, T)
  const logits = chunks.map((rows, c) => {
    const size = rows.shape[0] / length;
    const byBoundary = tf.transpose(tf.reshape(layers.dense(rows, layer, true), [length, size, 2]), [1, 2, 0]);
    return tf.reshape(tf.add(byBoundary, tf.reshape(x[`mask.${c}`], [size, 1, length])), [2 * size, length]);
  });
  // the logits are made already: a linear classifier that changes nothing leaves their softmax cross-entropy
  const [identity, zeros] = [tf.eye(length), tf.zeros([length])];
  const both = decoderCrossEntropy(tf.concat(logits, 0), identity, zeros, x.labels, x.weights);
  return { loss: tf.mul(both.loss, 0.5), correct: both.correct };
}

function inputsOf(head: BertHeadShape, shape: ChunkedShape): InputSpec[] {
  const { batch, length } = shape;
  const int = (name: string, dims: number[]): InputSpec => ({ name, shape: dims, dtype: 'int32' });
  const float = (name: string, dims: number[]): InputSpec => ({ name, shape: dims, dtype: 'float32' });
  const labels =
    { 'token-classification': batch * length, 'question-answering': 2 * batch }[head.kind as string] ?? batch;
  return [
    ...chunksOf(shape).flatMap((size, c) => [
      int(`ids.${c}`, [size * length]),
      int(`segments.${c}`, [size * length]),
      float(`mask.${c}`, [size, 1, 1, length]),
    ]),
    head.kind === 'regression' ? float('labels', [labels]) : int('labels', [labels]),
    float('weights', [labels]),
    float('scale', []),
  ];
}

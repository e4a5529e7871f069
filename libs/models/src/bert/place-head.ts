import type { BertHeadShape } from '../shapes/bert-heads.js';
import { type Inputs, placeTokens } from './place.js';
import { type ChunkedShape, chunksOf } from './shape.js';

/** A micro-batch of labelled sequences: B rows of T tokens, flat arrays. */
export interface HeadBatch {
  /** [B · T], padded. */
  inputIds: Int32Array;
  tokenTypeIds: Int32Array;
  /** 1 for a token, 0 for padding: [B · T]. */
  attentionMask: Int32Array;
  /** Weight of each sequence in the loss and every count, 0 for one that only fills the batch: [B]. */
  weights: Float32Array;
  /**
   * Sequence classification: the label of each sequence, [B]. Regression: its value, [B]. Token classification: the label of each token,
   * −1 where there is none, [B · T]. Question answering: the tokens on which the answer starts and ends, [B · 2].
   */
  labels: Int32Array | Float32Array;
}

/**
 * Writes a batch into the inputs of a head's training program.
 * @param scale 1 / the global count of what the loss is summed over: sequences, or labelled tokens
 * @throws RangeError if it does not fit the shape
 */
export function placeHeadBatch(
  { kind }: BertHeadShape,
  shape: ChunkedShape,
  batch: HeadBatch,
  inputs: Inputs,
  scale: number,
): void {
  if (batch.inputIds.length !== shape.batch * shape.length || batch.labels.length !== inputs.labels.length) {
    throw new RangeError(
      `${batch.inputIds.length} tokens with ${batch.labels.length} labels do not fit ${shape.batch} × ${shape.length}`,
    );
  }
  let first = 0;
  chunksOf(shape).forEach((size, c) => {
    for (let j = 0; j < size; j++) {
      placeTokens(shape, batch, inputs, { c, size, first, j });
      if (kind === 'token-classification') placeLabels(shape.length, batch, inputs, { size, first, j });
    }
    first += size;
  });
  if (kind !== 'token-classification') {
    const each = batch.labels.length / shape.batch;
    inputs.labels.set(batch.labels);
    for (let i = 0; i < batch.labels.length; i++) inputs.weights[i] = batch.weights[Math.floor(i / each)];
  }
  inputs.scale[0] = scale;
}

/** Labels of one sequence's tokens, in the graph's order: chunk after chunk, time-major inside a chunk. */
function placeLabels(
  length: number,
  { labels, weights }: HeadBatch,
  inputs: Inputs,
  { size, first, j }: { size: number; first: number; j: number },
): void {
  for (let t = 0; t < length; t++) {
    const label = labels[(first + j) * length + t];
    const at = first * length + t * size + j;
    inputs.labels[at] = Math.max(0, label);
    inputs.weights[at] = label < 0 ? 0 : weights[first + j];
  }
}

import { type ChunkedShape, chunksOf, type PretrainingShape } from './shape.js';

/** What a masked key adds to its score. */
const MASKED = -1e9;

/** A micro-batch of pretraining examples: batch B, length T, flat arrays [B · T]. */
export interface PretrainingBatch {
  /** Token ids, masks already in them. */
  inputIds: Int32Array;
  tokenTypeIds: Int32Array;
  /** 1 for a token, 0 for padding. */
  attentionMask: Int32Array;
  /** Masked token indices t of each sequence, at most `slots`, each once, none 0 (that is [CLS]). */
  maskedPositions: ArrayLike<number>[];
  /** Original token ids at those positions. */
  labels: ArrayLike<number>[];
  /** 0 is next, 1 is random: [B]. */
  nextSentenceLabels: Int32Array;
  /** Weight of each sequence in every loss and count, 0 for a filler: [B]. */
  weights: Float32Array;
}

/** 1 / the global count of masked tokens and of pairs; 0 where the count is 0. */
export interface Scales {
  mlm: number;
  nsp: number;
}

export type Inputs = Record<string, Float32Array | Int32Array>;

/** Writes a batch into the inputs of a pretraining program of this shape. Throws RangeError if it does not fit. */
export function placeBatch(shape: PretrainingShape, batch: PretrainingBatch, inputs: Inputs, scales: Scales): void {
  let first = 0;
  chunksOf(shape).forEach((size, c) => {
    for (let j = 0; j < size; j++) placeSequence(shape, batch, inputs, { c, size, first, j });
    first += size;
  });
  inputs.nspLabels.set(batch.nextSentenceLabels);
  inputs.nspWeights.set(batch.weights);
  inputs.scaleMlm[0] = scales.mlm;
  inputs.scaleNsp[0] = scales.nsp;
}

/** Sequence j of chunk c, which has `size` sequences and starts at sequence `first` of the batch. */
export interface Place {
  c: number;
  size: number;
  first: number;
  j: number;
}

/** Ids, segments and mask of one sequence, in the graph's order. */
export function placeTokens(
  { length }: ChunkedShape,
  batch: Pick<PretrainingBatch, 'inputIds' | 'tokenTypeIds' | 'attentionMask'>,
  inputs: Inputs,
  { c, size, first, j }: Place,
): void {
  const b = first + j;
  const [ids, segments, mask] = [inputs[`ids.${c}`], inputs[`segments.${c}`], inputs[`mask.${c}`]];
  for (let t = 0; t < length; t++) {
    ids[t * size + j] = batch.inputIds[b * length + t];
    segments[t * size + j] = batch.tokenTypeIds[b * length + t];
    mask[j * length + t] = batch.attentionMask[b * length + t] ? 0 : MASKED;
  }
}

function placeSequence(shape: PretrainingShape, batch: PretrainingBatch, inputs: Inputs, place: Place): void {
  const { length, slots } = shape;
  const { c, size, first, j } = place;
  const b = first + j;
  placeTokens(shape, batch, inputs, place);

  const [rows, inverse] = [inputs[`rows.${c}`], inputs[`inverse.${c}`]];
  const unread = size * (slots + 1);
  for (let t = 0; t < length; t++) inverse[t * size + j] = unread;
  const slotsOf = rowOfEachSlot(batch.maskedPositions[b], length, slots, b);
  slotsOf.forEach((t, slot) => {
    rows[slot * size + j] = t * size + j;
    inverse[t * size + j] = slot * size + j;
  });
  const masked = batch.maskedPositions[b].length;
  for (let slot = 0; slot < slots; slot++) {
    const at = first * slots + slot * size + j;
    const used = slot < masked;
    inputs.mlmLabels[at] = used ? batch.labels[b][slot] : 0;
    inputs.mlmWeights[at] = used ? batch.weights[b] : 0;
  }
}

/** The token that each slot reads: the masked ones, then others for the slots left over (every token at most once), last [CLS]. */
function rowOfEachSlot(positions: ArrayLike<number>, length: number, slots: number, b: number): number[] {
  const taken = new Uint8Array(length);
  taken[0] = 1;
  const chosen = Array.from(positions);
  if (chosen.length > slots)
    throw new RangeError(`sequence ${b} has ${chosen.length} masked positions for ${slots} slots`);
  for (const t of chosen) {
    if (!(t > 0 && t < length) || taken[t])
      throw new RangeError(`sequence ${b}: masked position ${t} of ${length} tokens`);
    taken[t] = 1;
  }
  for (let t = length - 1; chosen.length < slots; t--) {
    if (!taken[t]) chosen.push(t);
  }
  return [...chosen, 0];
}

/** What a row's labels are: one a row, start and end of an answer, or one a token (−1 where there is none). */
export type LabelLayout = 'row' | 'span' | 'token';

/** Labelled model inputs, one behind the other. R rows, N tokens in all. */
export interface EncodedRows {
  /** Tokens of each row, special tokens included: [R]. */
  lengths: Int32Array;
  /** Where each row begins in `ids`: [R]. */
  starts: Int32Array;
  /** [N] */
  ids: Int32Array;
  /** [N] */
  tokenTypeIds: Uint8Array;
  layout: LabelLayout;
  /** [R], [2 R] or [N]. */
  labels: Int32Array | Float32Array;
  /** What the loss of each row counts: 1, or its labelled tokens: [R]. */
  counts: Int32Array;
}

export interface Row {
  ids: ArrayLike<number>;
  /** Absent: 0 for every token. */
  tokenTypeIds?: ArrayLike<number>;
  labels: ArrayLike<number>;
}

/** Puts rows behind one another. `real` labels are float32 (regression), others int32. */
export function encodedRows(rows: readonly Row[], layout: LabelLayout, { real = false } = {}): EncodedRows {
  const lengths = Int32Array.from(rows, ({ ids }) => ids.length);
  const starts = new Int32Array(rows.length);
  let total = 0;
  lengths.forEach((length, row) => {
    starts[row] = total;
    total += length;
  });
  const ids = new Int32Array(total);
  const tokenTypeIds = new Uint8Array(total);
  rows.forEach((row, i) => {
    ids.set(row.ids, starts[i]);
    if (row.tokenTypeIds) tokenTypeIds.set(row.tokenTypeIds, starts[i]);
  });
  const flat = rows.flatMap(({ labels }) => Array.from(labels));
  const labelled = ({ labels }: Row) => Array.from(labels).filter((label) => label >= 0).length;
  return {
    lengths,
    starts,
    ids,
    tokenTypeIds,
    layout,
    labels: real ? Float32Array.from(flat) : Int32Array.from(flat),
    counts: Int32Array.from(rows, (row) => (layout === 'token' ? labelled(row) : 1)),
  };
}

export interface RowsBatchOptions {
  /** Row numbers: [B]. */
  rows: Int32Array;
  /** T, the bucket's length. */
  length: number;
  padId: number;
  /** Number of the first row within its shard, and how many of the shard's rows are real: those behind fill it with weight 0. */
  firstRow?: number;
  real?: number;
}

/** A micro-batch as a head's training takes it: B rows of T tokens. */
export interface RowsBatch {
  /** [B · T] each. */
  inputIds: Int32Array;
  tokenTypeIds: Int32Array;
  attentionMask: Int32Array;
  /** [B] */
  weights: Float32Array;
  /** [B], [2 B] or [B · T] by layout. */
  labels: Int32Array | Float32Array;
}

/** Pads rows to a batch. */
export function rowsBatch(encoded: EncodedRows, options: RowsBatchOptions): RowsBatch {
  const { rows, length, padId, firstRow = 0, real = Number.POSITIVE_INFINITY } = options;
  const { layout } = encoded;
  const width = { row: 1, span: 2, token: length }[layout];
  const labels = encoded.labels instanceof Float32Array ? Float32Array : Int32Array;
  const batch: RowsBatch = {
    inputIds: new Int32Array(rows.length * length).fill(padId),
    tokenTypeIds: new Int32Array(rows.length * length),
    attentionMask: new Int32Array(rows.length * length),
    weights: Float32Array.from(rows, (_, i) => (firstRow + i < real ? 1 : 0)),
    labels: new labels(rows.length * width).fill(layout === 'token' ? -1 : 0),
  };
  rows.forEach((row, i) => {
    const [from, to] = [encoded.starts[row], encoded.starts[row] + encoded.lengths[row]];
    batch.inputIds.set(encoded.ids.subarray(from, to), i * length);
    batch.tokenTypeIds.set(encoded.tokenTypeIds.subarray(from, to), i * length);
    batch.attentionMask.fill(1, i * length, i * length + to - from);
    const own = layout === 'token' ? [from, to] : [row * width, (row + 1) * width];
    batch.labels.set(encoded.labels.subarray(own[0], own[1]), i * width);
  });
  return batch;
}

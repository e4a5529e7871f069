/** How a micro-batch passes the layers. */
export interface ChunkedShape {
  /** Sequences of a micro-batch. */
  batch: number;
  /** Tokens of a sequence. */
  length: number;
  /** Sequences that pass the layers together; part of what fixes the bits. 4 unless given. */
  chunk?: number;
}

/** The fixed sizes of a pretraining program. */
export interface PretrainingShape extends ChunkedShape {
  /** Masked positions that a sequence may have. */
  slots: number;
}

/** Sizes of the chunks that a micro-batch is cut into: 4, 4, …, rest. */
export function chunksOf({ batch, chunk = 4 }: ChunkedShape): number[] {
  return Array.from({ length: Math.ceil(batch / chunk) }, (_, c) => Math.min(chunk, batch - c * chunk));
}

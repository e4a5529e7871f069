import type { TranslationBatch, TranslationShape } from '../translation.js';
import { MASKED } from './layers.js';

type Inputs = Record<string, Float32Array | Int32Array>;

/** Rows that pass the layers together: what they need then stays in a core's cache. */
const CHUNK_ROWS = 512;

/** Sizes of the chunks that a micro-batch is cut into; the shape alone fixes them, and they are part of what fixes the bits. */
export function chunksOf({ batch, sourceLength, targetLength }: TranslationShape): number[] {
  const chunk = Math.max(1, Math.floor(CHUNK_ROWS / Math.max(sourceLength, targetLength)));
  return Array.from({ length: Math.ceil(batch / chunk) }, (_, c) => Math.min(chunk, batch - c * chunk));
}

/**
 * Writes a batch into the inputs of a training program of this shape and chunks, rows time-major inside a chunk. Throws RangeError if it does
 * not fit.
 */
export function placeBatch(
  { batch, sourceLength: S, targetLength: T }: TranslationShape,
  chunks: number[],
  data: TranslationBatch,
  inputs: Inputs,
  scale: number,
): void {
  const sizes: [keyof TranslationBatch, number][] = [
    ['sourceIds', batch * S],
    ['sourceLengths', batch],
    ['targetInputIds', batch * T],
    ['targetIds', batch * T],
    ['weights', batch * T],
  ];
  for (const [name, size] of sizes) {
    if (data[name].length !== size) throw new RangeError(`${name} has ${data[name].length} numbers, not ${size}`);
  }
  let first = 0;
  chunks.forEach((size, c) => {
    for (let j = 0; j < size; j++) {
      const b = first + j;
      for (let s = 0; s < S; s++) {
        inputs[`sourceIds.${c}`][s * size + j] = data.sourceIds[b * S + s];
        inputs[`sourceMask.${c}`][j * S + s] = s < data.sourceLengths[b] ? 0 : MASKED;
      }
      for (let t = 0; t < T; t++) {
        inputs[`targetInputIds.${c}`][t * size + j] = data.targetInputIds[b * T + t];
        // the labels of all chunks, one chunk after another
        const at = first * T + t * size + j;
        inputs.targetIds[at] = data.targetIds[b * T + t];
        inputs.weights[at] = data.weights[b * T + t];
      }
    }
    first += size;
  });
  inputs.scale[0] = scale;
}

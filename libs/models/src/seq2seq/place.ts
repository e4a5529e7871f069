import type { TranslationBatch, TranslationShape } from '../translation.js';

type Inputs = Record<string, Float32Array | Int32Array>;

/** Writes a micro-batch of pairs into the inputs of a training program of this shape, time-major. */
export function placeTranslation(
  { batch, sourceLength, targetLength }: TranslationShape,
  data: TranslationBatch,
  inputs: Inputs,
  scale: number,
): void {
  for (let b = 0; b < batch; b++) {
    for (let t = 0; t < sourceLength; t++) {
      const alive = t < data.sourceLengths[b] ? 1 : 0;
      inputs.sourceIds[t * batch + b] = data.sourceIds[b * sourceLength + t];
      inputs.sourceMask[t * batch + b] = alive;
      inputs.keyMask[b * sourceLength + t] = alive;
    }
    for (let t = 0; t < targetLength; t++) {
      const [from, to] = [b * targetLength + t, t * batch + b];
      inputs.targetInputIds[to] = data.targetInputIds[from];
      inputs.targetIds[to] = data.targetIds[from];
      inputs.weights[to] = data.weights[from];
    }
  }
  inputs.scale[0] = scale;
}

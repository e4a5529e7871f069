import type { EmbedResult } from '@regatta/contracts';
import { rowsOf, type Tensor } from '../tensor.js';
import { encodeText } from './encode.js';
import type { LoadedBert } from './loaded-bert.js';

/**
 * Vectors of the last layer for every token, special tokens included (they stand for no text: [0, 0)), and their mean, which is the mean
 * pooling of sentence-transformers (Reimers & Gurevych, 2019).
 */
export async function embed(model: LoadedBert, inputs: readonly string[]): Promise<EmbedResult> {
  const encoded = inputs.map((text, i) => encodeText(model, text, null, `inputs.${i}`));
  const outputs = await model.run(encoded, ['lastHiddenState']);
  const results = outputs.map((output, i) => {
    const vectors = rowsOf(output.lastHiddenState as Tensor);
    const { tokens, offsets } = encoded[i];
    const mean = new Float64Array(vectors[0].length);
    for (const vector of vectors) {
      vector.forEach((x, d) => {
        mean[d] += x / vectors.length;
      });
    }
    return {
      tokens: vectors.map((vector, t) => {
        const [start, end] = offsets[t];
        return { text: tokens[t], start, end, vector: Array.from(vector) };
      }),
      pooled: Array.from(mean),
    };
  });
  return { results };
}

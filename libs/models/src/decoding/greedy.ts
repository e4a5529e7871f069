import { extended, hypothesisOf, type Path } from './paths.js';
import { argMax, logSumExp } from './scores.js';
import type { Hypothesis, SearchOptions, Step } from './types.js';

/** The most probable token at every step, for B sentences, one row each; of equally probable tokens the lowest id. Beam search with one beam gives the same. */
export async function greedySearch(step: Step, options: SearchOptions): Promise<Hypothesis[]> {
  const { batch, beginId, endId, capacity, lengthPenalty } = options;
  const paths: Path[] = Array.from({ length: batch }, () => ({ token: beginId, length: 0, logProbability: 0 }));
  const ended = (path: Path) => path.length > 0 && path.token === endId;
  const origins = Int32Array.from({ length: batch }, (_, b) => b);
  for (let t = 0; t < capacity && !paths.every(ended); t++) {
    const tokens = Int32Array.from(paths, (path) => path.token);
    const result = await step(tokens, new Int32Array(batch).fill(t), origins);
    const vocabulary = result.logits.length / batch;
    paths.forEach((path, b) => {
      if (ended(path)) return;
      const token = argMax(result.logits, b, vocabulary);
      const base = path.logProbability - logSumExp(result.logits, b, vocabulary);
      paths[b] = extended(path, token, base + result.logits[b * vocabulary + token], result, b, batch);
    });
  }
  return paths.map((path) => hypothesisOf(path, ended(path), lengthPenalty));
}

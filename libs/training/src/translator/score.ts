import type { Sums } from '../task.js';
import { pairBatch, pairLengths, type SentencePairs, type SpecialIds } from './pairs.js';
import type { TranslationPrograms } from './programs.js';

/** Sums of a translation model over target tokens: the trained loss, nats without label smoothing, right tokens. */
export const translationSums = ['loss', 'nll', 'correct'] as const;

export interface ScoreShapes {
  /** Rows a batch. */
  batch: number;
  /** Lengths of both sides that there are graphs for, ascending. */
  buckets: readonly number[];
}

/**
 * The model's sums over pairs under teacher forcing, without dropout: a function of the pairs in their order and of the shapes.
 * @throws RangeError where a pair is longer than the longest bucket
 */
export async function scorePairs(
  programs: TranslationPrograms,
  pairs: SentencePairs,
  { batch, buckets }: ScoreShapes,
  special: SpecialIds,
): Promise<Sums> {
  const total: Sums = Object.fromEntries(translationSums.map((name) => [name, 0]));
  const lengths = pairLengths(pairs);
  let least = 0;
  for (const length of buckets) {
    const members = Array.from(lengths.keys()).filter((i) => lengths[i] > least && lengths[i] <= length);
    least = length;
    for (let at = 0; at < members.length; at += batch) {
      const real = Math.min(batch, members.length - at);
      const rows = Array.from({ length: batch }, (_, row) => members[row < real ? at + row : at]);
      const shape = { batch, sourceLength: length, targetLength: length };
      const { program, place } = await programs.scoring(shape);
      place(pairBatch({ pairs, rows, real, shape, special }), program.inputs, 0);
      const outputs = await program.run();
      for (const name of translationSums) total[name] += outputs[name].data[0];
    }
  }
  if (lengths.some((length) => length > least)) throw new RangeError(`a pair is longer than ${least} tokens`);
  return total;
}

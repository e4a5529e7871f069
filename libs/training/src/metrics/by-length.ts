import type { ByLength } from '@regatta/contracts';
import { bleu } from './bleu.js';
import type { BleuTokenization } from './bleu-tokenizers.js';
import { exactMatch } from './exact-match.js';

/** Where a range of lengths begins; the last one is open. */
const beginnings = [0, 5, 10, 15, 20, 30, 50];

/**
 * Corpus BLEU and share of exact translations by the number of tokens of the source; ranges without an example are left out.
 * @param sourceLengths tokens of each source, special tokens not counted
 */
export function qualityByLength(
  sourceLengths: ArrayLike<number>,
  predictions: readonly string[],
  references: readonly string[],
  tokenization: BleuTokenization = '13a',
): ByLength {
  return beginnings.flatMap((from, i) => {
    const to = beginnings[i + 1] ?? null;
    const inside = (line: number) => sourceLengths[line] >= from && (to === null || sourceLengths[line] < to);
    const ours = predictions.filter((_, line) => inside(line));
    const theirs = references.filter((_, line) => inside(line));
    if (ours.length === 0) return [];
    return [
      { from, to, examples: ours.length, bleu: bleu(ours, theirs, tokenization).bleu, exact: exactMatch(ours, theirs) },
    ];
  });
}

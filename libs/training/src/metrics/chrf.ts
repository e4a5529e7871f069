import { ngramCounts, sharedCount } from './ngrams.js';
import { splitSpaces } from './python-text.js';

const maxOrder = 6;
const beta = 2;

/** What sacreBLEU prints beside its chrF. */
export const chrfSignature = 'nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.6.0';

/**
 * Corpus chrF2 (Popović, 2015), 0 to 100, as sacreBLEU 2.6.0 computes it by default: n-grams of 1 to 6 characters (code points) without
 * blanks, precision and recall averaged over the orders that both sides have, recall weighted twice.
 */
export function chrf(predictions: readonly string[], references: readonly string[]): number {
  const predicted = new Array<number>(maxOrder).fill(0);
  const expected = new Array<number>(maxOrder).fill(0);
  const matched = new Array<number>(maxOrder).fill(0);
  predictions.forEach((prediction, i) => {
    const ours = Array.from(splitSpaces(prediction).join(''));
    const theirs = Array.from(splitSpaces(references[i]).join(''));
    for (let n = 1; n <= maxOrder; n++) {
      const reference = Math.max(0, theirs.length - n + 1);
      expected[n - 1] += reference;
      // The reference tool leaves out what no n-gram of the reference could match.
      if (reference > 0) predicted[n - 1] += Math.max(0, ours.length - n + 1);
      matched[n - 1] += sharedCount(ngramCounts(ours, n, ''), ngramCounts(theirs, n, ''));
    }
  });
  let precision = 0;
  let recall = 0;
  for (let n = 0; n < maxOrder; n++) {
    if (predicted[n] === 0 || expected[n] === 0) continue;
    precision += matched[n] / predicted[n];
    recall += matched[n] / expected[n];
  }
  const orders = predicted.filter((count, n) => count > 0 && expected[n] > 0).length;
  if (precision + recall === 0) return 0;
  precision /= orders;
  recall /= orders;
  return (100 * (1 + beta ** 2) * precision * recall) / (beta ** 2 * precision + recall);
}

import { type BleuTokenization, bleuTokens } from './bleu-tokenizers.js';
import { ngramCounts, sharedCount } from './ngrams.js';

const maxOrder = 4;

export interface BleuScore {
  /** 0 to 100. */
  bleu: number;
  /** Of the n-grams of order 1 to 4, 0 to 100. */
  precisions: number[];
  brevityPenalty: number;
  /** Tokens of all predictions, and of all references. */
  predictedLength: number;
  referenceLength: number;
  /** What sacreBLEU prints so that a score can be compared: how text was tokenized and smoothed. */
  signature: string;
}

/** The version whose scores ours equal. */
/** sacreBLEU's own line that says how a score was computed. */
export const bleuSignature = (tokenization: BleuTokenization): string =>
  `nrefs:1|case:mixed|eff:no|tok:${tokenization}|smooth:exp|version:2.6.0`;

/**
 * Corpus BLEU (Papineni et al., 2002) with one reference, as sacreBLEU 2.6.0 computes it by default: case kept, exponential smoothing,
 * n-grams to 4 also where sentences are shorter. 0 where nothing agrees.
 */
export function bleu(
  predictions: readonly string[],
  references: readonly string[],
  tokenization: BleuTokenization = '13a',
): BleuScore {
  const correct = new Array<number>(maxOrder).fill(0);
  const total = new Array<number>(maxOrder).fill(0);
  let predictedLength = 0;
  let referenceLength = 0;
  predictions.forEach((prediction, i) => {
    const predicted = bleuTokens(prediction, tokenization);
    const expected = bleuTokens(references[i], tokenization);
    predictedLength += predicted.length;
    referenceLength += expected.length;
    for (let n = 1; n <= maxOrder; n++) {
      correct[n - 1] += sharedCount(ngramCounts(predicted, n, ' '), ngramCounts(expected, n, ' '));
      total[n - 1] += Math.max(0, predicted.length - n + 1);
    }
  });
  const brevityPenalty = brevity(predictedLength, referenceLength);
  const precisions = smoothed(correct, total);
  const logarithms = precisions.reduce((sum, precision) => sum + Math.log(precision), 0);
  return {
    bleu: brevityPenalty * Math.exp(logarithms / maxOrder),
    precisions,
    brevityPenalty,
    predictedLength,
    referenceLength,
    signature: bleuSignature(tokenization),
  };
}

function brevity(predictedLength: number, referenceLength: number): number {
  if (predictedLength >= referenceLength) return 1;
  return predictedLength > 0 ? Math.exp(1 - referenceLength / predictedLength) : 0;
}

/** Each further order without a match counts for half of the one before (mteval-v13a; method 3 of Chen and Cherry, 2014). */
function smoothed(correct: readonly number[], total: readonly number[]): number[] {
  const precisions = new Array<number>(maxOrder).fill(0);
  if (correct.every((count) => count === 0)) return precisions;
  let divisor = 1;
  for (let n = 0; n < maxOrder && total[n] > 0; n++) {
    if (correct[n] === 0) divisor *= 2;
    precisions[n] = correct[n] === 0 ? 100 / (divisor * total[n]) : (100 * correct[n]) / total[n];
  }
  return precisions;
}

import { type BleuTokenization, bleuTokens } from './bleu-tokenizers.js';
import { ngramCounts, sharedCount } from './ngrams.js';

/**
 * The sentence BLEU of Dive into Deep Learning (section 10.7.6), 0 to 1: exp(min(0, 1 − l/p)) · Π pₙ^(1/2ⁿ) for n up to k, where p and l
 * are the numbers of predicted and expected tokens. Orders longer than the prediction are left out; 0 for an empty prediction.
 */
export function d2lSentenceBleu(predicted: readonly string[], expected: readonly string[], k = 2): number {
  if (predicted.length === 0) return 0;
  let score = Math.exp(Math.min(0, 1 - expected.length / predicted.length));
  for (let n = 1; n <= Math.min(k, predicted.length); n++) {
    const matches = sharedCount(ngramCounts(predicted, n, ' '), ngramCounts(expected, n, ' '));
    score *= (matches / (predicted.length - n + 1)) ** (0.5 ** n);
  }
  return score;
}

/** Mean of `d2lSentenceBleu` over pairs of lines, 0 to 1; NaN without a line. */
export function d2lBleu(
  predictions: readonly string[],
  references: readonly string[],
  tokenization: BleuTokenization = '13a',
  k = 2,
): number {
  const scores = predictions.map((prediction, i) =>
    d2lSentenceBleu(bleuTokens(prediction, tokenization), bleuTokens(references[i], tokenization), k),
  );
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

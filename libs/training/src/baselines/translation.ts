import { unigramEntropy } from '@regatta/text';
import { type BleuTokenization, perplexity, translationMetrics } from '../metrics/index.js';
import { NearestLine } from './nearest-line.js';

export interface SentencePair {
  source: string;
  target: string;
}

export interface TranslationBaselineOptions {
  tokenization: BleuTokenization;
  /** Token ids of a target as the loss counts them, the end token included. */
  targetIds(target: string): ArrayLike<number>;
  vocabSize: number;
}

/**
 * Scores without a network: `loss` (nats a target token) and `perplexity` of guessing every token by its frequency in the training
 * targets; `bleu`, `chrf`, `bleu2` and `exactMatch` of copying the translation of the training source with the most similar words,
 * which is hard to beat on templated text.
 * @param train at least one pair
 */
export function translationBaseline(
  train: readonly SentencePair[],
  heldOut: readonly SentencePair[],
  options: TranslationBaselineOptions,
) {
  const counts = new Float64Array(options.vocabSize);
  for (const { target } of train) for (const id of Array.from(options.targetIds(target))) counts[id]++;
  const loss = unigramEntropy(
    counts,
    heldOut.flatMap(({ target }) => Array.from(options.targetIds(target))),
  );
  const nearest = new NearestLine(train.map(({ source }) => source));
  const metrics = translationMetrics(
    heldOut.map(({ source }) => train[nearest.find(source)].target),
    heldOut.map(({ target }) => target),
    options.tokenization,
  );
  return { loss, perplexity: perplexity(loss, 1), ...metrics };
}

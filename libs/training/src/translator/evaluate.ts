import { AppError, type EvaluateResult, type SampleKind, type TranslationExample } from '@regatta/contracts';
import { perplexity } from '../metrics/index.js';
import type { Sums } from '../task.js';
import { selectPairs, sentence, sentenceCount, tokenCounts } from './pairs.js';
import { translationQuality } from './quality.js';
import type { SearchSettings } from './search.js';
import type { Translator } from './translator.js';

/**
 * Losses in nats a target token; `loss` without label smoothing, so that it compares with the baseline's. What is trained stands beside it
 * as `smoothedLoss` where the two differ.
 */
export function translationLosses(sums: Sums, targetTokens: number, labelSmoothing: number): Record<string, number> {
  return {
    loss: sums.nll / targetTokens,
    ...(labelSmoothing > 0 && { smoothedLoss: sums.loss / targetTokens }),
    perplexity: perplexity(sums.nll, targetTokens),
    accuracy: sums.correct / targetTokens,
  };
}

/** Examples that are translated at most, in the order of the data; losses are of all. */
const mostTranslated = 1000;

/**
 * Evaluates a model on examples of any dataset: losses on all that it takes, translations of the first thousand of them.
 * @throws AppError `invalid` where it takes none of them
 */
export async function evaluateTranslation(
  translator: Translator,
  examples: readonly TranslationExample[],
  settings: SearchSettings,
): Promise<EvaluateResult> {
  const all = translator.encode(examples);
  const fits = translator.fits(all);
  const chosen = examples.map((_, i) => i).filter((i) => fits[i]);
  if (chosen.length === 0) {
    throw new AppError('invalid', 'No example of the dataset is short enough for the model.', {
      next: `The model takes ${translator.config.maxLength - 1} tokens on either side.`,
    });
  }
  const pairs = selectPairs(all, chosen);
  const sums = await translator.score(pairs);
  const toTranslate = chosen.slice(0, mostTranslated);
  const sources = toTranslate.map((_, row) => sentence(pairs.source, row));
  const found = await translator.search(sources, settings);
  const { metrics, samples } = translationQuality(
    toTranslate.map((i, row) => ({
      source: examples[i].source,
      sourceLength: sources[row].length,
      expected: examples[i].target,
      predicted: translator.tokenizers.target.decode(found[row].tokens),
    })),
  );
  const { target } = tokenCounts(pairs, Array.from({ length: sentenceCount(pairs.source) }).keys());
  return {
    metrics: {
      ...translationLosses(sums, target, translator.config.labelSmoothing),
      ...metrics,
      leftOut: examples.length - chosen.length,
    },
    examples: chosen.length,
    samples: Object.entries(samples).map(([kind, data]) => ({ kind: kind as SampleKind, data })),
  };
}

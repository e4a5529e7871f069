import { bleu } from './bleu.js';
import type { BleuTokenization } from './bleu-tokenizers.js';
import { chrf } from './chrf.js';
import { d2lBleu } from './d2l-bleu.js';
import { exactMatch } from './exact-match.js';

/** What a translation task reports of its translations (beside `loss` and `perplexity`, which come from the model's sums). */
export function translationMetrics(
  predictions: readonly string[],
  references: readonly string[],
  tokenization: BleuTokenization = '13a',
): { bleu: number; chrf: number; bleu2: number; exactMatch: number } {
  return {
    bleu: bleu(predictions, references, tokenization).bleu,
    chrf: chrf(predictions, references),
    bleu2: d2lBleu(predictions, references, tokenization),
    exactMatch: exactMatch(predictions, references),
  };
}

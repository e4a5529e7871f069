import type { SampleKind } from '@regatta/contracts';
import {
  type BleuTokenization,
  bleuSignature,
  bleuTokenizationOf,
  chrfSignature,
  qualityByLength,
  translationMetrics,
} from '../metrics/index.js';

/** Example translations that an evaluation keeps. */
const keptSamples = 20;

export interface Translated {
  source: string;
  /** Tokens of the source, special ones not counted. */
  sourceLength: number;
  expected: string;
  predicted: string;
}

/** How BLEU cuts the texts of a language into tokens, told from the texts: by characters where most letters are Chinese or Japanese ones. */
export function tokenizationOf(texts: readonly string[]): BleuTokenization {
  let [letters, han, kana] = [0, 0, 0];
  for (const text of texts) {
    letters += text.match(/\p{L}/gu)?.length ?? 0;
    han += text.match(/\p{Script=Han}/gu)?.length ?? 0;
    kana += text.match(/[\p{Script=Hiragana}\p{Script=Katakana}]/gu)?.length ?? 0;
  }
  if (han + kana <= letters / 2) return '13a';
  return bleuTokenizationOf(kana > letters / 10 ? 'ja' : 'zh');
}

/** Quality of translations, examples of them, and how quality falls with length. */
export function translationQuality(translated: readonly Translated[]): {
  metrics: Record<string, number>;
  samples: Partial<Record<SampleKind, unknown>>;
} {
  const predicted = translated.map((one) => one.predicted);
  const expected = translated.map((one) => one.expected);
  const tokenization = tokenizationOf(expected);
  const lengths = translated.map((one) => one.sourceLength);
  return {
    metrics: translationMetrics(predicted, expected, tokenization),
    samples: {
      predictions: translated.slice(0, keptSamples).map((one) => ({
        input: one.source,
        expected: one.expected,
        predicted: one.predicted,
        correct: one.predicted.trim() === one.expected.trim(),
      })),
      'by-length': qualityByLength(lengths, predicted, expected, tokenization),
      signatures: { bleu: bleuSignature(tokenization), chrf: chrfSignature },
    },
  };
}

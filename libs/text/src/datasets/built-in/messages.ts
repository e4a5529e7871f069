import { cleanText, type Found } from '../found.js';

/**
 * The TypeScript compiler's messages beside their translations, in the order of their codes; those without a translation, or that
 * stayed English, are left out.
 */
export function* messagePairs(
  english: readonly { key: string; message: string }[],
  translations: Readonly<Record<string, string>>,
): Generator<Found> {
  let line = 0;
  for (const { key, message } of english) {
    const source = cleanText(message);
    const target = cleanText(translations[key] ?? '');
    if (target === '' || target === source) continue;
    line++;
    yield { line, example: { split: null, source, target } };
  }
}

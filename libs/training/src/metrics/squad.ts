import { ngramCounts, sharedCount } from './ngrams.js';
import { splitSpaces } from './python-text.js';

const punctuation = /[!-/:-@[-`{-~]/g;
const articles = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu;

/** The official script's normalisation: lower case, without ASCII punctuation, without a, an, the, single blanks. */
export const normalizeAnswer = (text: string): string =>
  splitSpaces(text.toLowerCase().replace(punctuation, '').replace(articles, ' ')).join(' ');

/** F1 of the words of two answers; where one has none, 1 if both have none. */
export function answerF1(predicted: string, expected: string): number {
  const ours = splitSpaces(normalizeAnswer(predicted));
  const theirs = splitSpaces(normalizeAnswer(expected));
  if (ours.length === 0 || theirs.length === 0) return ours.length === theirs.length ? 1 : 0;
  const shared = sharedCount(ngramCounts(ours, 1, ''), ngramCounts(theirs, 1, ''));
  return (2 * shared) / (ours.length + theirs.length);
}

const answerMatches = (predicted: string, expected: string): boolean =>
  normalizeAnswer(predicted) === normalizeAnswer(expected);

/**
 * Exact match and F1 over questions, 0 to 1 (the official script prints them · 100; evaluate-v2.0): the best of a question's answers
 * counts, and where there is none the empty prediction is right. NaN without a question.
 * @param expected the answers of each question
 */
export function squadScores(
  predictions: readonly string[],
  expected: readonly (readonly string[])[],
): { exactMatch: number; f1: number } {
  let exactMatch = 0;
  let f1 = 0;
  predictions.forEach((prediction, i) => {
    const answers = expected[i].filter((answer) => normalizeAnswer(answer) !== '');
    if (answers.length === 0) answers.push('');
    if (answers.some((answer) => answerMatches(prediction, answer))) exactMatch++;
    f1 += Math.max(...answers.map((answer) => answerF1(prediction, answer)));
  });
  return { exactMatch: exactMatch / predictions.length, f1: f1 / predictions.length };
}

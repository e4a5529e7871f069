import { squadScores } from '../metrics/index.js';
import { wordsOf } from './words.js';

export interface Question {
  question: string;
  context: string;
  answers: readonly { text: string }[];
}

const sentences = new Intl.Segmenter('und', { granularity: 'sentence' });

/** The sentence of the context that shares the most words with the question; of equal ones the first. */
export function mostSimilarSentence(question: string, context: string): string {
  const asked = new Set(wordsOf(question));
  let best = '';
  let most = -1;
  for (const { segment } of sentences.segment(context)) {
    const shared = new Set(wordsOf(segment).filter((word) => asked.has(word))).size;
    if (shared > most) {
      best = segment.trim();
      most = shared;
    }
  }
  return best;
}

/**
 * Scores without a network, for each metric the better one: of never answering (what is right where SQuAD 2.0 has no answer), and of
 * the sentence of the context with the most words of the question.
 */
export function questionAnsweringBaseline(heldOut: readonly Question[]): { exactMatch: number; f1: number } {
  const expected = heldOut.map(({ answers }) => answers.map(({ text }) => text));
  const silent = squadScores(
    heldOut.map(() => ''),
    expected,
  );
  const similar = squadScores(
    heldOut.map(({ question, context }) => mostSimilarSentence(question, context)),
    expected,
  );
  return { exactMatch: Math.max(silent.exactMatch, similar.exactMatch), f1: Math.max(silent.f1, similar.f1) };
}

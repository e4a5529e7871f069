import type { EmbedResult } from '@regatta/contracts';

type Embedded = EmbedResult['results'][number];

/** A word of a text with its contextual vector. */
export interface Word {
  /** Index of its text. */
  text: number;
  word: string;
  start: number;
  vector: number[];
}

/** The words of texts; a vector is the mean of those of the word's tokens. What was cut off, and signs, are left out. */
export function wordsOf(texts: readonly string[], embedded: readonly Embedded[]): Word[] {
  return embedded.flatMap(({ tokens }, text) =>
    [...(texts[text] ?? '').matchAll(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu)].flatMap(({ 0: word, index: start }) => {
      const own = tokens.filter(
        (token) => token.end > token.start && token.start < start + word.length && token.end > start,
      );
      if (own.length === 0) return [];
      const vector = own[0].vector.map((_, k) => own.reduce((sum, token) => sum + token.vector[k], 0) / own.length);
      return [{ text, word, start, vector }];
    }),
  );
}

/** Cosine of the angle between two vectors; 0 where one is all zeros. */
export function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = a.reduce((sum, value, i) => sum + value * b[i], 0);
  return dot / (Math.hypot(...a) * Math.hypot(...b) || 1);
}

/** All other words, the nearest by cosine first. */
export const nearest = (words: readonly Word[], chosen: Word): { word: Word; cosine: number }[] =>
  words
    .filter((word) => word !== chosen)
    .map((word) => ({ word, cosine: cosine(word.vector, chosen.vector) }))
    .sort((a, b) => b.cosine - a.cosine);

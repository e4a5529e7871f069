import { describe, expect, it } from '@jest/globals';
import { cosine, nearest, wordsOf } from './words.js';

const token = (text: string, start: number, vector: number[]) => ({ text, start, end: start + text.length, vector });
const special = { text: '[CLS]', start: 0, end: 0, vector: [9, 9] };

describe('words with their vectors', () => {
  it('are the mean of their tokens, without special tokens and signs', () => {
    const embedded = [
      { pooled: [], tokens: [special, token('un', 0, [1, 0]), token('kind', 2, [0, 1]), token('!', 6, [5, 5])] },
    ];
    expect(wordsOf(['unkind!'], embedded)).toEqual([{ text: 0, word: 'unkind', start: 0, vector: [0.5, 0.5] }]);
  });

  it('of what was cut off are left out', () => {
    expect(wordsOf(['one two'], [{ pooled: [], tokens: [token('one', 0, [1, 2])] }]).map(({ word }) => word)).toEqual([
      'one',
    ]);
  });

  it('lie near by the angle alone', () => {
    const word = (word: string, vector: number[]) => ({ text: 0, word, start: 0, vector });
    const words = [word('a', [1, 0]), word('far', [-1, 0]), word('near', [10, 1]), word('aside', [0, 1])];
    expect(nearest(words, words[0]).map(({ word: { word } }) => word)).toEqual(['near', 'aside', 'far']);
    expect(cosine([3, 4], [6, 8])).toBeCloseTo(1);
    expect(cosine([0, 0], [1, 1])).toBe(0);
  });
});

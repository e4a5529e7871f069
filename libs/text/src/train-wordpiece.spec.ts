import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { specialTokens, trainWordPiece } from './index.js';

/** The same merges by counting all pairs anew before each: slow and plain. Takes words without special characters. */
function plainVocabulary(words: string[], vocabSize: number, minFrequency: number): string[] {
  const characters = [...new Set(words.join(''))].sort();
  const continuing = [...new Set(words.flatMap((word) => [...word].slice(1)))].sort().map((c) => `##${c}`);
  const vocab: string[] = [...specialTokens, ...characters, ...continuing];
  let sequences = words.map((word) => [...word].map((c, i) => vocab.indexOf(i === 0 ? c : `##${c}`)));
  while (vocab.length < vocabSize) {
    const counts = new Map<string, number>();
    for (const sequence of sequences) {
      for (let i = 0; i + 1 < sequence.length; i++) {
        const pair = `${sequence[i]} ${sequence[i + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    const best = [...counts]
      .map(([pair, count]) => ({ pair: pair.split(' ').map(Number), count }))
      .sort((x, y) => y.count - x.count || x.pair[0] - y.pair[0] || x.pair[1] - y.pair[1])[0];
    if (best === undefined || best.count < minFrequency) break;
    const text = vocab[best.pair[0]] + vocab[best.pair[1]].slice(2);
    if (!vocab.includes(text)) vocab.push(text);
    const merged = vocab.indexOf(text);
    sequences = sequences.map((sequence) => {
      const out: number[] = [];
      for (let i = 0; i < sequence.length; i++) {
        if (sequence[i] === best.pair[0] && sequence[i + 1] === best.pair[1]) {
          out.push(merged);
          i++;
        } else out.push(sequence[i]);
      }
      return out;
    });
  }
  return vocab;
}

describe('trainWordPiece', () => {
  it('merges what a plain count of all pairs would merge', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 11, max: 60 }),
        (words, vocabSize) => {
          const { vocab } = trainWordPiece(words, { vocabSize, lowercase: true });
          expect(vocab).toEqual(plainVocabulary(words, vocabSize, 2));
        },
      ),
      { numRuns: 300, seed: 3 },
    );
  });

  it('puts the special tokens first and keeps to the size', () => {
    const { vocab } = trainWordPiece(['low lower lowest newer newest wider widest '.repeat(9)], {
      vocabSize: 38,
      lowercase: true,
    });
    expect(vocab.slice(0, 5)).toEqual(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']);
    expect(vocab).toHaveLength(38);
    expect(new Set(vocab).size).toBe(38);
    expect(vocab).toContain('low');
  });

  it('does not depend on the order of the texts', () => {
    const texts = ['the cat sat', 'on the mat', 'That hat, the Rat said', 'the rat sat'];
    const options = { vocabSize: 60, lowercase: true };
    expect(trainWordPiece(texts, options).vocab).toEqual(trainWordPiece([...texts].reverse(), options).vocab);
  });

  it('knows every letter at the beginning of a word, and only seen ones inside', () => {
    const { vocab } = trainWordPiece(['ab ab ab'], { vocabSize: 100, lowercase: true });
    expect(vocab.slice(5)).toEqual(['a', 'b', '##b', 'ab']);
  });

  it('does not merge what is rarer than minFrequency', () => {
    const { vocab } = trainWordPiece(['ab cd cd cd'], { vocabSize: 100, lowercase: true, minFrequency: 3 });
    expect(vocab).toContain('cd');
    expect(vocab).not.toContain('ab');
  });

  it('gives up the rarest characters for the alphabet limit, and for the vocabulary size', () => {
    const texts = ['aaaa bbb cc d'];
    const limited = trainWordPiece(texts, { vocabSize: 100, lowercase: true, limitAlphabet: 2 });
    expect(limited.encode('aa b c d').tokens.slice(-2)).toEqual(['[UNK]', '[UNK]']);
    expect(trainWordPiece(texts, { vocabSize: 8, lowercase: true }).vocab.length).toBeLessThanOrEqual(8);
  });

  it('keeps case and accents where asked to', () => {
    expect(trainWordPiece(['Été'], { vocabSize: 50, lowercase: false }).vocab).toContain('É');
    expect(trainWordPiece(['Été'], { vocabSize: 50, lowercase: true }).vocab.slice(5)).toEqual([
      'e',
      't',
      '##e',
      '##t',
    ]);
  });

  it('refuses a size without room, and texts without a word', () => {
    expect(() => trainWordPiece(['a'], { vocabSize: 6, lowercase: true })).toThrow(/no room for letters/);
    expect(() => trainWordPiece([' \n', ''], { vocabSize: 100, lowercase: true })).toThrow(/holds no word/);
  });
});

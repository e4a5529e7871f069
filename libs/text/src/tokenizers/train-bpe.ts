import { AppError } from '@regatta/contracts';
import { PairMerger } from '../pair-merger.js';
import { add, mostFirst } from '../train-wordpiece.js';
import { BpeTokenizer } from './bpe.js';
import { characterOfByte, stretchesOf, toByteCharacters } from './byte-level.js';
import { textSpecials } from './text-tokenizer.js';

/** Pairs seen less often are not merged. */
const minFrequency = 2;

/**
 * Learns byte-pair merges. npm has encoders for given vocabularies but no trainer without a native download, hence our own, on the
 * merger of our WordPiece trainer. The same texts in any order give the same vocabulary: the special tokens, the bytes (all 256, or
 * the most frequent where vocabSize has no room for them), the merges.
 */
export function trainBpe(texts: Iterable<string>, vocabSize: number, lowercase: boolean): BpeTokenizer {
  const counts = new Map<string, number>();
  for (const text of texts) {
    if (text === '') continue;
    for (const stretch of stretchesOf(` ${lowercase ? text.toLowerCase() : text}`)) add(counts, stretch, 1);
  }
  if (counts.size === 0) {
    throw new AppError('invalid-file', 'The text holds no word to train a vocabulary from.', {
      next: 'Upload a text with words in it.',
    });
  }
  const words = mostFirst(counts).map(([stretch, count]) => ({ pieces: toByteCharacters(stretch), count }));
  const alphabet = chooseAlphabet(words, vocabSize - textSpecials.length);
  const merger = new PairMerger((left, right) => left + right);
  for (const token of textSpecials) merger.token(token);
  for (const character of alphabet) merger.token(character);
  for (const { pieces, count } of words) {
    if (pieces.every((piece) => alphabet.has(piece))) merger.addWord(pieces, count);
  }
  merger.grow(vocabSize, minFrequency);
  return new BpeTokenizer(merger.tokens, merger.merges, lowercase);
}

function chooseAlphabet(words: readonly { pieces: string[]; count: number }[], room: number): Set<string> {
  if (room >= characterOfByte.length) return new Set(characterOfByte);
  const counts = new Map<string, number>();
  for (const { pieces, count } of words) for (const piece of pieces) add(counts, piece, count);
  return new Set(
    mostFirst(counts)
      .slice(0, room)
      .map(([character]) => character),
  );
}

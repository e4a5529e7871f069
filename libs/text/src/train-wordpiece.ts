import { AppError } from '@regatta/contracts';
import { chunkTexts, wordsOfChunk } from './basic-tokenizer.js';
import { PairMerger } from './pair-merger.js';
import { specialTokens, WordPieceTokenizer } from './wordpiece.js';

export interface WordPieceTrainingOptions {
  /** Most entries of the vocabulary, the five special tokens included. */
  vocabSize: number;
  /** Lower-case and strip accents, as BERT uncased. */
  lowercase: boolean;
  /** Pairs seen less often are not merged. */
  minFrequency?: number;
  /** Most different characters kept; words with rarer ones become [UNK]. */
  limitAlphabet?: number;
}

export const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Highest count first; equal counts by the text, so that the order is total. */
export const mostFirst = (counts: Map<string, number>): [string, number][] =>
  [...counts].sort((a, b) => b[1] - a[1] || byCode(a[0], b[0]));

export function add(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

function countWords(texts: Iterable<string>, lowercase: boolean): Map<string, number> {
  const chunks = new Map<string, number>();
  for (const text of texts) for (const chunk of chunkTexts(text)) add(chunks, chunk, 1);
  const words = new Map<string, number>();
  for (const [chunk, count] of chunks) for (const word of wordsOfChunk(chunk, lowercase)) add(words, word.text, count);
  return words;
}

/** The most frequent characters; few enough that both forms of each ("c" and "##c") fit the vocabulary. */
function chooseAlphabet(words: Map<string, number>, most: number): Set<string> {
  const characters = new Map<string, number>();
  for (const [word, count] of words) for (const character of word) add(characters, character, count);
  return new Set(
    mostFirst(characters)
      .slice(0, most)
      .map(([character]) => character),
  );
}

/**
 * Trains a WordPiece vocabulary: merges the pair of neighbouring pieces that is seen most often (as byte-pair encoding; ties go to
 * the older pieces), until the vocabulary is full. The same texts in any order give the same vocabulary. Near-linear: a merge
 * touches only the words that hold the pair. npm has no trainer (Hugging Face's is Rust and Python only), hence our own.
 * The order: [PAD] [UNK] [CLS] [SEP] [MASK], single characters, continuing characters, merges.
 * @param texts any pieces of text: sentences, lines or whole documents
 * @throws AppError `invalid` where vocabSize leaves no room for an alphabet, `invalid-file` where the texts hold no word
 */
export function trainWordPiece(texts: Iterable<string>, options: WordPieceTrainingOptions): WordPieceTokenizer {
  const { vocabSize, lowercase, minFrequency = 2, limitAlphabet = 1000 } = options;
  const room = Math.floor((vocabSize - specialTokens.length) / 2);
  if (room < 1) {
    throw new AppError('invalid', `A vocabulary of ${vocabSize} has no room for letters beside the special tokens.`, {
      next: 'Choose a vocabSize of some thousands.',
    });
  }
  const counted = countWords(texts, lowercase);
  if (counted.size === 0) {
    throw new AppError('invalid-file', 'The text holds no word to train a vocabulary from.', {
      next: 'Upload a text with words in it.',
    });
  }
  const alphabet = chooseAlphabet(counted, Math.min(limitAlphabet, room));
  const words = mostFirst(counted).filter(([word]) => Array.from(word).every((character) => alphabet.has(character)));
  const continuing = new Set(words.flatMap(([word]) => Array.from(word).slice(1)));
  const merger = new PairMerger((left, right) => left + right.slice(2));
  for (const token of specialTokens) merger.token(token);
  for (const character of [...alphabet].sort(byCode)) merger.token(character);
  for (const character of [...continuing].sort(byCode)) merger.token(`##${character}`);
  for (const [word, count] of words) {
    merger.addWord(
      Array.from(word, (character, i) => (i === 0 ? character : `##${character}`)),
      count,
    );
  }
  merger.grow(vocabSize, minFrequency);
  return new WordPieceTokenizer(merger.tokens, { lowercase });
}

import { AppError } from '@regatta/contracts';
import { chunkTexts, wordsOfChunk } from './basic-tokenizer.js';
import { PairQueue } from './pair-queue.js';
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

/** Keys of pairs: 2²¹ tokens is far above any vocabulary, and the product stays an exact integer. */
const pairBase = 2 ** 21;

const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const mostFirst = (counts: Map<string, number>): [string, number][] =>
  [...counts].sort((a, b) => b[1] - a[1] || byCode(a[0], b[0]));

function add(counts: Map<string, number>, key: string, by: number): void {
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

/** The vocabulary while it grows, and its words as sequences of token numbers. */
class Merger {
  readonly tokens: string[] = [];
  private readonly idOf = new Map<string, number>();
  private readonly sequences: number[][] = [];
  private readonly counts: number[] = [];
  private readonly pairCounts = new Map<number, number>();
  /** Words that hold, or once held, the pair. */
  private readonly pairWords = new Map<number, number[]>();
  private readonly queue = new PairQueue();

  token(text: string): number {
    let id = this.idOf.get(text);
    if (id === undefined) {
      id = this.tokens.length;
      this.tokens.push(text);
      this.idOf.set(text, id);
    }
    return id;
  }

  addWord(word: string, count: number): void {
    const sequence = Array.from(word, (character, i) => this.token(i === 0 ? character : `##${character}`));
    const number = this.sequences.push(sequence) - 1;
    this.counts.push(count);
    for (let i = 0; i + 1 < sequence.length; i++) this.change(sequence[i] * pairBase + sequence[i + 1], count, number);
  }

  /** Merges the most frequent pair again and again. A count in the queue may be out of date: it is put back with the true one. */
  grow(vocabSize: number, minFrequency: number): void {
    for (const [key, count] of this.pairCounts) this.queue.push(key, count);
    while (this.tokens.length < vocabSize && this.queue.size > 0) {
      const { key, priority } = this.queue.pop();
      const count = this.pairCounts.get(key) ?? 0;
      if (count < priority) {
        if (count > 0) this.queue.push(key, count);
      } else if (count >= minFrequency) this.merge(key);
      else return;
    }
  }

  private merge(key: number): void {
    const left = Math.floor(key / pairBase);
    const right = key % pairBase;
    const merged = this.token(this.tokens[left] + this.tokens[right].slice(2));
    const risen = new Set<number>();
    for (const word of this.pairWords.get(key) ?? []) {
      const sequence = this.sequences[word];
      const count = this.counts[word];
      for (let i = 0; i + 1 < sequence.length; i++) {
        if (sequence[i] !== left || sequence[i + 1] !== right) continue;
        if (i > 0) {
          this.change(sequence[i - 1] * pairBase + left, -count, word);
          risen.add(this.change(sequence[i - 1] * pairBase + merged, count, word));
        }
        if (i + 2 < sequence.length) {
          this.change(right * pairBase + sequence[i + 2], -count, word);
          risen.add(this.change(merged * pairBase + sequence[i + 2], count, word));
        }
        sequence.splice(i, 2, merged);
      }
    }
    this.pairCounts.delete(key);
    this.pairWords.delete(key);
    for (const pair of risen) {
      const count = this.pairCounts.get(pair) ?? 0;
      if (count > 0) this.queue.push(pair, count);
    }
  }

  private change(key: number, by: number, word: number): number {
    this.pairCounts.set(key, (this.pairCounts.get(key) ?? 0) + by);
    if (by > 0) {
      const holders = this.pairWords.get(key);
      if (holders === undefined) this.pairWords.set(key, [word]);
      else if (holders[holders.length - 1] !== word) holders.push(word);
    }
    return key;
  }
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
  const merger = new Merger();
  for (const token of specialTokens) merger.token(token);
  for (const character of [...alphabet].sort(byCode)) merger.token(character);
  for (const character of [...continuing].sort(byCode)) merger.token(`##${character}`);
  for (const [word, count] of words) merger.addWord(word, count);
  merger.grow(vocabSize, minFrequency);
  return new WordPieceTokenizer(merger.tokens, { lowercase });
}

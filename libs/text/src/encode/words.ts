import { chunksOf, wordsOfChunk } from '../basic-tokenizer.js';
import type { WordPieceTokenizer } from '../wordpiece.js';

/** Words as a row of a model's input. */
export interface WordsWindow {
  /** [CLS] pieces [SEP] */
  ids: Int32Array;
  /** Number of its first word within the text. */
  firstWord: number;
  /** Token on which each of its words begins: where the word's label is learnt and read. */
  positions: Int32Array;
}

/**
 * Encodes words that are given one by one (CoNLL). Every word has at least one piece ([UNK] where nothing of it is left) and stands in exactly
 * one window: a text longer than maxLength goes on in another window instead of losing its end. A single word too long for a window is cut.
 */
export function encodeWords(tokenizer: WordPieceTokenizer, words: readonly string[], maxLength: number): WordsWindow[] {
  const room = maxLength - 2;
  const windows: WordsWindow[] = [];
  let ids: number[] = [tokenizer.clsId];
  let positions: number[] = [];
  const close = (next: number) => {
    ids.push(tokenizer.sepId);
    windows.push({
      ids: Int32Array.from(ids),
      firstWord: next - positions.length,
      positions: Int32Array.from(positions),
    });
    ids = [tokenizer.clsId];
    positions = [];
  };
  words.forEach((word, i) => {
    const pieces = piecesOf(tokenizer, word).subarray(0, room);
    if (ids.length - 1 + pieces.length > room) close(i);
    positions.push(ids.length);
    ids.push(...pieces);
  });
  close(words.length);
  return windows;
}

/** Words come again and again: the pieces of the first ones that a tokenizer met. */
const known = new WeakMap<WordPieceTokenizer, Map<string, Int32Array>>();
const mostKnown = 100_000;

/** At least one. */
function piecesOf(tokenizer: WordPieceTokenizer, word: string): Int32Array {
  const words = known.get(tokenizer) ?? new Map<string, Int32Array>();
  known.set(tokenizer, words);
  let pieces = words.get(word);
  if (pieces === undefined) {
    const { ids } = tokenizer.encode(word);
    pieces = ids.length > 0 ? ids : Int32Array.of(tokenizer.unkId);
    if (words.size < mostKnown && word.length < 40) words.set(word, pieces);
  }
  return pieces;
}

/** A word of a text, [start, end) in UTF-16 units. */
export interface WordSpan {
  text: string;
  start: number;
  end: number;
}

/** The words of a text as BERT divides it: at blanks and around punctuation and CJK characters. `text` is the original's. */
export function wordSpans(text: string, { lowercase }: Pick<WordPieceTokenizer, 'lowercase'>): WordSpan[] {
  return chunksOf(text).flatMap((chunk) =>
    wordsOfChunk(chunk.text, lowercase).map(({ starts, ends }) => {
      const [start, end] = [chunk.at + starts[0], withMarks(text, chunk.at + ends[ends.length - 1])];
      return { text: text.slice(start, end), start, end };
    }),
  );
}

const mark = /\p{Mn}/uy;

/** The end of a stretch of a text, moved behind the accents that stand on its last letter: an uncased tokenizer has stripped them. */
export function withMarks(text: string, end: number): number {
  for (;;) {
    mark.lastIndex = end;
    if (!mark.test(text)) return end;
    end = mark.lastIndex;
  }
}

/** A tagged stretch of a text, [start, end) in UTF-16 units. */
export interface TaggedSpan {
  label: string;
  start: number;
  end: number;
  /** Mean of its words' scores. */
  score: number;
}

/** Begin, inside, outside, end, single of the tagging schemes IOB2 and IOBES. */
const scheme = /^([BIES])[-_](.+)$/;

/**
 * Words with their tags as spans. Under IOB2 or IOBES (any tag with B-, I-, E- or S-) neighbouring words of an entity become one span, an I-
 * that continues nothing begins one, and O is left out; other tags (parts of speech) give a span a word.
 */
export function taggedSpans(
  words: readonly WordSpan[],
  tags: readonly string[],
  scores: readonly number[],
  labels: readonly string[],
): TaggedSpan[] {
  const entities = labels.some((label) => scheme.test(label));
  const spans: (TaggedSpan & { words: number })[] = [];
  let open: (TaggedSpan & { words: number }) | null = null;
  words.forEach(({ start, end }, i) => {
    const [, position = 'S', label = tags[i]] = (entities && scheme.exec(tags[i])) || [];
    if (entities && tags[i] === 'O') {
      open = null;
      return;
    }
    if (open !== null && open.label === label && (position === 'I' || position === 'E')) {
      open.end = end;
      open.score += scores[i];
      open.words += 1;
    } else {
      open = { label, start, end, score: scores[i], words: 1 };
      spans.push(open);
    }
    if (position === 'E' || position === 'S') open = null;
  });
  return spans.map(({ words: count, score, ...span }) => ({ ...span, score: score / count }));
}

import type { WordPieceTokenizer } from '../wordpiece.js';

/** A question with a stretch of its context: `[CLS] question [SEP] context [SEP]`. */
export interface QuestionWindow {
  ids: Int32Array;
  /** 0 for [CLS] question [SEP], 1 for context [SEP]. */
  tokenTypeIds: Int32Array;
  /** The token with which the context begins. */
  contextStart: number;
  /** Number of that token within the whole context. */
  firstToken: number;
  /** [start, end) in the context of each of its tokens here, UTF-16 units. */
  offsets: [number, number][];
  /** The same for the whole context. */
  contextOffsets: [number, number][];
}

export interface QuestionOptions {
  /** Tokens a window, special tokens included. */
  maxLength: number;
  /** Tokens that neighbouring windows share. */
  documentStride: number;
}

/**
 * Cuts a context that is too long into overlapping windows (Devlin et al., 2019), each with the whole question. A question may fill half a
 * window and is cut beyond that; windows share at most half of their context, so that every window brings something new.
 */
export function encodeQuestion(
  tokenizer: WordPieceTokenizer,
  question: string,
  context: string,
  { maxLength, documentStride }: QuestionOptions,
): QuestionWindow[] {
  const asked = tokenizer.encode(question).ids.subarray(0, Math.floor((maxLength - 3) / 2));
  const { ids, offsets } = tokenizer.encode(context);
  const room = maxLength - 3 - asked.length;
  const advance = room - Math.min(documentStride, Math.floor(room / 2));
  const contextStart = asked.length + 2;
  const windows: QuestionWindow[] = [];
  for (let from = 0; ; from += advance) {
    const part = ids.subarray(from, from + room);
    const window = Int32Array.from([tokenizer.clsId, ...asked, tokenizer.sepId, ...part, tokenizer.sepId]);
    windows.push({
      ids: window,
      tokenTypeIds: Int32Array.from(window, (_, t) => (t < contextStart ? 0 : 1)),
      contextStart,
      firstToken: from,
      offsets: offsets.slice(from, from + room),
      contextOffsets: offsets,
    });
    if (from + room >= ids.length) return windows;
  }
}

/** The tokens of a window on which an answer starts and ends, both inclusive; [0, 0], which is [CLS], where it does not hold all of it. */
export function answerTokens(
  { contextStart, firstToken, offsets, contextOffsets }: QuestionWindow,
  answer: { text: string; start: number } | undefined,
): [number, number] {
  if (answer === undefined) return [0, 0];
  const first = contextOffsets.findIndex(([, end]) => end > answer.start) - firstToken;
  const last = contextOffsets.findLastIndex(([start]) => start < answer.start + answer.text.length) - firstToken;
  const inside = first >= 0 && first <= last && last < offsets.length;
  return inside ? [contextStart + first, contextStart + last] : [0, 0];
}

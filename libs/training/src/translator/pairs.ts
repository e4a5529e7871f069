import type { TranslationBatch, TranslationShape } from '@regatta/models';
import type { TextTokenizer } from '@regatta/text';

// n sentences; B rows of a batch, S and T tokens of its sources and targets.

/** Sentences of a language as token ids, without special tokens: sentence i is ids[starts[i], starts[i + 1]). */
export interface Sentences {
  ids: Int32Array;
  /** [n + 1] */
  starts: Int32Array;
}

/** Sentence i of one is the translation of sentence i of the other. */
export interface SentencePairs {
  source: Sentences;
  target: Sentences;
}

export function encodeSentences(texts: readonly string[], tokenizer: TextTokenizer): Sentences {
  const encoded = texts.map((text) => tokenizer.encode(text));
  const starts = new Int32Array(texts.length + 1);
  encoded.forEach((ids, i) => {
    starts[i + 1] = starts[i] + ids.length;
  });
  const ids = new Int32Array(starts[texts.length]);
  encoded.forEach((sentence, i) => {
    ids.set(sentence, starts[i]);
  });
  return { ids, starts };
}

export const sentence = ({ ids, starts }: Sentences, i: number): Int32Array => ids.subarray(starts[i], starts[i + 1]);
export const sentenceCount = ({ starts }: Sentences): number => starts.length - 1;

/** Tokens of the longer side of each pair with its end token (the target's begin token takes the end token's place): [n]. */
export function pairLengths({ source, target }: SentencePairs): Int32Array {
  const length = ({ starts }: Sentences, i: number) => starts[i + 1] - starts[i] + 1;
  return Int32Array.from({ length: sentenceCount(source) }, (_, i) => Math.max(length(source, i), length(target, i)));
}

/** Some of the pairs, in the order given. */
export function selectPairs(pairs: SentencePairs, chosen: readonly number[]): SentencePairs {
  const select = (sentences: Sentences): Sentences => {
    const starts = new Int32Array(chosen.length + 1);
    chosen.forEach((i, row) => {
      starts[row + 1] = starts[row] + sentence(sentences, i).length;
    });
    const ids = new Int32Array(starts[chosen.length]);
    chosen.forEach((i, row) => {
      ids.set(sentence(sentences, i), starts[row]);
    });
    return { ids, starts };
  };
  return { source: select(pairs.source), target: select(pairs.target) };
}

/** Ids that stand for no text, alike in every tokenizer of translation. */
export type SpecialIds = Pick<TextTokenizer, 'padId' | 'bosId' | 'eosId'>;

export interface PairBatchOptions {
  pairs: SentencePairs;
  /** Pairs of the batch: [B]. */
  rows: ArrayLike<number>;
  /** How many of the rows count; the rest only fill the batch, at weight 0. */
  real: number;
  shape: TranslationShape;
  special: SpecialIds;
}

/**
 * A batch of pairs for teacher forcing: sources end with the end token, the decoder is fed the begin token and the target, and is to say
 * the target and the end token.
 * @throws RangeError where a sentence does not fit the shape
 */
export function pairBatch({ pairs, rows, real, shape, special }: PairBatchOptions): TranslationBatch {
  const { batch: B, sourceLength: S, targetLength: T } = shape;
  const { padId, bosId, eosId } = special;
  const result: TranslationBatch = {
    sourceIds: new Int32Array(B * S).fill(padId),
    sourceLengths: new Int32Array(B),
    targetInputIds: new Int32Array(B * T).fill(padId),
    targetIds: new Int32Array(B * T).fill(padId),
    weights: new Float32Array(B * T),
  };
  for (let b = 0; b < B; b++) {
    const source = sentence(pairs.source, rows[b]);
    const target = sentence(pairs.target, rows[b]);
    if (source.length + 1 > S || target.length + 1 > T) {
      throw new RangeError(
        `pair ${rows[b]} has ${source.length} and ${target.length} tokens for a shape of ${S} × ${T}`,
      );
    }
    result.sourceIds.set(source, b * S);
    result.sourceIds[b * S + source.length] = eosId;
    result.sourceLengths[b] = source.length + 1;
    result.targetInputIds[b * T] = bosId;
    result.targetInputIds.set(target, b * T + 1);
    result.targetIds.set(target, b * T);
    result.targetIds[b * T + target.length] = eosId;
    if (b < real) result.weights.fill(1, b * T, b * T + target.length + 1);
  }
  return result;
}

/** Tokens of the sources and of the targets of some pairs, end tokens included. */
export function tokenCounts(
  { source, target }: SentencePairs,
  rows: Iterable<number>,
): { source: number; target: number } {
  const counts = { source: 0, target: 0 };
  for (const row of rows) {
    counts.source += sentence(source, row).length + 1;
    counts.target += sentence(target, row).length + 1;
  }
  return counts;
}

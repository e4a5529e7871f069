import { chunkTexts, wordsOfChunk } from './basic-tokenizer.js';
import type { WordPieceTokenizer } from './wordpiece.js';

/** Documents as token ids, back to back. Sentences without a token are left out, documents never (so that numbers stay). */
export interface EncodedCorpus {
  /** [tokens], 16 bits where the vocabulary allows it. */
  ids: Uint16Array | Int32Array;
  /** [sentences + 1]: sentence s is ids[sentenceStarts[s] … sentenceStarts[s + 1]). */
  sentenceStarts: Int32Array;
  /** [documents + 1]: document d is the sentences documentStarts[d] … documentStarts[d + 1] − 1. */
  documentStarts: Int32Array;
}

/** Encodes documents; special tokens written in them are ordinary characters. Stretches of text seen before are looked up. */
export function encodeCorpus(documents: readonly (readonly string[])[], tokenizer: WordPieceTokenizer): EncodedCorpus {
  const known = new Map<string, number[]>();
  const encodeChunk = (chunk: string): number[] => {
    let pieces = known.get(chunk);
    if (pieces === undefined) {
      pieces = wordsOfChunk(chunk, tokenizer.lowercase).flatMap((word) => tokenizer.pieces(word.text).ids);
      known.set(chunk, pieces);
    }
    return pieces;
  };
  const idsOf = tokenizer.vocab.length <= 0x1_0000 ? Uint16Array : Int32Array;
  let ids: Uint16Array | Int32Array = new idsOf(0x1_0000);
  let count = 0;
  const append = (more: number[]) => {
    if (count + more.length > ids.length) {
      const grown = new idsOf(2 * (count + more.length));
      grown.set(ids);
      ids = grown;
    }
    ids.set(more, count);
    count += more.length;
  };
  const sentenceStarts = [0];
  const documentStarts = [0];
  for (const document of documents) {
    for (const sentence of document) {
      for (const chunk of chunkTexts(sentence)) append(encodeChunk(chunk));
      if (count > sentenceStarts[sentenceStarts.length - 1]) sentenceStarts.push(count);
    }
    documentStarts.push(sentenceStarts.length - 1);
  }
  return {
    ids: ids.slice(0, count),
    sentenceStarts: Int32Array.from(sentenceStarts),
    documentStarts: Int32Array.from(documentStarts),
  };
}

/** Token range [start, end) of a document. */
export function documentRange(corpus: EncodedCorpus, document: number): [number, number] {
  const { sentenceStarts, documentStarts } = corpus;
  return [sentenceStarts[documentStarts[document]], sentenceStarts[documentStarts[document + 1]]];
}

/** How often each id stands in the given documents: [vocabSize]. */
export function unigramCounts(corpus: EncodedCorpus, documentIds: Int32Array, vocabSize: number): Float64Array {
  const counts = new Float64Array(vocabSize);
  for (const document of documentIds) {
    const [start, end] = documentRange(corpus, document);
    for (let i = start; i < end; i++) counts[corpus.ids[i]]++;
  }
  return counts;
}

/**
 * The loss, in nats a token, of the best guess that knows only how frequent each token is in the training text (add-one smoothing):
 * the floor that a masked language model must get below before it has learnt anything about context.
 */
export function unigramEntropy(trainCounts: ArrayLike<number>, heldOutTargets: ArrayLike<number>): number {
  let total = trainCounts.length;
  for (let id = 0; id < trainCounts.length; id++) total += trainCounts[id];
  let nats = 0;
  for (let i = 0; i < heldOutTargets.length; i++) nats -= Math.log((trainCounts[heldOutTargets[i]] + 1) / total);
  return nats / heldOutTargets.length;
}

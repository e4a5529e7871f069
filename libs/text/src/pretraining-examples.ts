import { RandomStream } from '@regatta/random';
import type { EncodedCorpus } from './corpus.js';

export interface PretrainingOptions {
  /** Tokens an example, special tokens included. */
  maxLength: number;
  /** Pairs `[CLS] A [SEP] B [SEP]` with a next-sentence label; else single segments `[CLS] A [SEP]`. */
  nextSentence: boolean;
  seed: number;
  /** Every epoch packs anew: other cuts, other random segments. */
  epoch: number;
}

/** Token ranges of the corpus, one entry an example: [count] each. Without next sentence B is empty and the label 0. */
export interface PretrainingExamples {
  count: number;
  nextSentence: boolean;
  aStart: Int32Array;
  aEnd: Int32Array;
  bStart: Int32Array;
  bEnd: Int32Array;
  /** 0: B follows A; 1: B is from elsewhere (Hugging Face's and Google's convention). */
  labels: Uint8Array;
  /** Tokens with special tokens: what a bucket must hold. */
  lengths: Int32Array;
}

/** Share of examples that aim at a shorter length, so that the model meets short inputs too (BERT's short_seq_prob). */
const shortSequenceProbability = 0.1;
/** Tokens of the shortest aim (BERT's is 2: a pair of single tokens teaches nothing). */
const shortestTarget = 8;
/** How often a random segment is drawn again where it is the true next one. */
const mostTries = 10;

/** Random numbers in the order of asking: examples are made one after another, alike on every rank. */
class Draws {
  private next = 0;
  constructor(private readonly stream: RandomStream) {}
  /** In [0, 1). */
  uniform(): number {
    return this.stream.uniform(this.next++);
  }
  /** From low to high, both included. */
  between(low: number, high: number): number {
    return low + this.stream.integer(this.next++, high - low + 1);
  }
}

class Builder {
  private readonly columns: [number[], number[], number[], number[], number[]] = [[], [], [], [], []];

  add(aStart: number, aEnd: number, bStart: number, bEnd: number, label: number): void {
    [aStart, aEnd, bStart, bEnd, label].forEach((value, i) => {
      this.columns[i].push(value);
    });
  }

  finish(nextSentence: boolean): PretrainingExamples {
    const [aStart, aEnd, bStart, bEnd] = this.columns.map((column) => Int32Array.from(column));
    const specials = nextSentence ? 3 : 2;
    const lengths = aStart.map((start, i) => aEnd[i] - start + bEnd[i] - bStart[i] + specials);
    return {
      count: aStart.length,
      nextSentence,
      aStart,
      aEnd,
      bStart,
      bEnd,
      labels: Uint8Array.from(this.columns[4]),
      lengths,
    };
  }
}

/**
 * Packs sentences into examples as BERT's create_instances_from_document: whole sentences up to the target length; A ends at a
 * random sentence; B is, half the time, what follows, else a stretch of another document (the sentences it displaces are used
 * again); the longer of the two is then cut at its front or back.
 * Three departures: a chunk of one sentence takes the next one in too where there is one (BERT gives it a random B, which tips the
 * labels and betrays them by A's length); a random B that happens to read like the true next sentence is drawn again; and a short
 * example is cut to its short target (BERT's targets of hundreds of tokens are met by leaving sentences out, ours are not).
 */
export function pretrainingExamples(
  corpus: EncodedCorpus,
  documentIds: Int32Array,
  options: PretrainingOptions,
): PretrainingExamples {
  const draws = new Draws(new RandomStream({ seed: options.seed, step: options.epoch, site: 'pretrain.pairs' }));
  const builder = new Builder();
  const filled = documentIds.filter((d) => corpus.documentStarts[d + 1] > corpus.documentStarts[d]);
  for (const document of filled) {
    if (options.nextSentence) addPairs(corpus, filled, document, options.maxLength - 3, draws, builder);
    else addSingles(corpus, document, options.maxLength - 2, draws, builder);
  }
  return builder.finish(options.nextSentence);
}

const targetLength = (most: number, draws: Draws): number =>
  draws.uniform() < shortSequenceProbability ? draws.between(Math.min(shortestTarget, most), most) : most;

function addSingles(corpus: EncodedCorpus, document: number, most: number, draws: Draws, builder: Builder): void {
  const starts = corpus.sentenceStarts;
  const end = corpus.documentStarts[document + 1];
  let target = targetLength(most, draws);
  let first = corpus.documentStarts[document];
  for (let s = first; s < end; s++) {
    if (s + 1 < end && starts[s + 1] - starts[first] < target) continue;
    const a = [starts[first], starts[s + 1]];
    cutTo(target, a, [0, 0], draws);
    builder.add(a[0], a[1], 0, 0, 0);
    first = s + 1;
    target = targetLength(most, draws);
  }
}

function addPairs(
  corpus: EncodedCorpus,
  documents: Int32Array,
  document: number,
  most: number,
  draws: Draws,
  builder: Builder,
): void {
  const starts = corpus.sentenceStarts;
  const end = corpus.documentStarts[document + 1];
  let first = corpus.documentStarts[document];
  while (first < end) {
    const target = targetLength(most, draws);
    let last = Math.min(first + 2, end);
    while (last < end && starts[last] - starts[first] < target) last++;
    // sentences first … last − 1 are the chunk, A is those before `middle`
    const middle = last - first > 1 ? first + draws.between(1, last - first - 1) : last;
    const a = [starts[first], starts[middle]];
    const wanted = target - (a[1] - a[0]);
    const random =
      middle === last || draws.uniform() < 0.5
        ? randomSegment(corpus, documents, document, middle, wanted, draws)
        : undefined;
    if (random === undefined && middle === last) {
      first = last; // a lone sentence with nothing to pair it with
      continue;
    }
    const b = random ?? [starts[middle], starts[last]];
    cutTo(target, a, b, draws);
    builder.add(a[0], a[1], b[0], b[1], random === undefined ? 0 : 1);
    first = random === undefined ? last : middle;
  }
}

/** A stretch of about `wanted` tokens from another document; undefined where none differs from what really follows. */
function randomSegment(
  corpus: EncodedCorpus,
  documents: Int32Array,
  document: number,
  next: number,
  wanted: number,
  draws: Draws,
): number[] | undefined {
  const { sentenceStarts, documentStarts } = corpus;
  for (let attempt = 0; attempt < mostTries; attempt++) {
    const other = documents[draws.between(0, documents.length - 1)];
    const end = documentStarts[other + 1];
    const from = draws.between(documentStarts[other], end - 1);
    if (other === document || sameSentence(corpus, from, next)) continue;
    let to = from + 1;
    while (to < end && sentenceStarts[to] - sentenceStarts[from] < wanted) to++;
    return [sentenceStarts[from], sentenceStarts[to]];
  }
  return undefined;
}

function sameSentence(corpus: EncodedCorpus, a: number, b: number): boolean {
  const { ids, sentenceStarts } = corpus;
  const length = sentenceStarts[a + 1] - sentenceStarts[a];
  if (length !== sentenceStarts[b + 1] - sentenceStarts[b]) return false;
  for (let i = 0; i < length; i++) if (ids[sentenceStarts[a] + i] !== ids[sentenceStarts[b] + i]) return false;
  return true;
}

/** BERT's truncate_seq_pair: a token at a time off the longer range, at its front or back by the toss of a coin. */
function cutTo(most: number, a: number[], b: number[], draws: Draws): void {
  while (a[1] - a[0] + b[1] - b[0] > most) {
    const longer = a[1] - a[0] > b[1] - b[0] ? a : b;
    if (draws.uniform() < 0.5) longer[0]++;
    else longer[1]--;
  }
}

import { PairQueue } from './pair-queue.js';

/** Keys of pairs: 2²¹ tokens is far above any vocabulary, and the product stays an exact integer. */
const pairBase = 2 ** 21;

/**
 * A vocabulary that grows by merging pairs of neighbouring pieces (Sennrich et al., 2016), and the words of a text as sequences of its
 * token numbers. Near-linear: a merge touches only the words that hold the pair. Ties go to the older pieces.
 */
export class PairMerger {
  readonly tokens: string[] = [];
  /** The merged pairs, in their order. */
  readonly merges: [string, string][] = [];
  private readonly idOf = new Map<string, number>();
  private readonly sequences: number[][] = [];
  private readonly counts: number[] = [];
  private readonly pairCounts = new Map<number, number>();
  /** Words that hold, or once held, the pair. */
  private readonly pairWords = new Map<number, number[]>();
  private readonly mergedBefore = new Set<number>();
  private readonly queue = new PairQueue();

  /** @param join how two neighbouring pieces are written as one */
  constructor(private readonly join: (left: string, right: string) => string) {}

  /** The number of a token, new where it is not there yet. */
  token(text: string): number {
    let id = this.idOf.get(text);
    if (id === undefined) {
      id = this.tokens.length;
      this.tokens.push(text);
      this.idOf.set(text, id);
    }
    return id;
  }

  /** A word as its single pieces, and how often it stands in the text. */
  addWord(pieces: readonly string[], count: number): void {
    const sequence = pieces.map((piece) => this.token(piece));
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
    const merged = this.token(this.join(this.tokens[left], this.tokens[right]));
    // A token that two different merges give may bring a pair back that was merged before.
    if (!this.mergedBefore.has(key)) this.merges.push([this.tokens[left], this.tokens[right]]);
    this.mergedBefore.add(key);
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

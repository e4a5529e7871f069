import { wordsOf } from './words.js';

/** Entries of posting lists read for one query, at least: the rarest words first. Below it the search is exact. */
const enoughCandidates = 5000;

/** Finds the line with the most similar set of words: 2 · shared / (own + its), Dice's coefficient. An inverted index makes it fast. */
export class NearestLine {
  private readonly sizes: Int32Array;
  private readonly postings = new Map<string, number[]>();

  constructor(lines: readonly string[]) {
    this.sizes = new Int32Array(lines.length);
    lines.forEach((line, number) => {
      const words = new Set(wordsOf(line));
      this.sizes[number] = words.size;
      for (const word of words) {
        const posting = this.postings.get(word);
        if (posting === undefined) this.postings.set(word, [number]);
        else posting.push(number);
      }
    });
  }

  /** The number of the most similar line; of equal ones the first, which is also what nothing shared gives. */
  find(text: string): number {
    const words = new Set(wordsOf(text));
    const lists = Array.from(words, (word) => this.postings.get(word) ?? []).sort((a, b) => a.length - b.length);
    const shared = new Map<number, number>();
    let read = 0;
    for (const list of lists) {
      // A word in so many lines decides between those that share rarer ones, and brings no new ones in.
      const enough = read >= enoughCandidates;
      if (enough && list.length > shared.size) {
        for (const [line, n] of shared) if (includesSorted(list, line)) shared.set(line, n + 1);
      } else {
        for (const line of list) {
          const n = shared.get(line);
          if (n !== undefined || !enough) shared.set(line, (n ?? 0) + 1);
        }
      }
      read += list.length;
    }
    let best = 0;
    let most = 0;
    for (const [line, n] of shared) {
      const similarity = (2 * n) / (words.size + this.sizes[line]);
      if (similarity > most || (similarity === most && line < best)) {
        best = line;
        most = similarity;
      }
    }
    return best;
  }
}

function includesSorted(list: readonly number[], value: number): boolean {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] < value) low = middle + 1;
    else high = middle;
  }
  return list[low] === value;
}

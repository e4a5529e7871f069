import { count } from './counts.js';
import { wordsOf } from './words.js';

/**
 * Multinomial naive Bayes on word counts with add-one smoothing (Manning, Raghavan and Schütze, 2008, chapter 13; scikit-learn's
 * MultinomialNB). Words that the training never saw say nothing.
 */
export class NaiveBayes {
  private readonly labels: string[];
  /** Log of each label's share. */
  private readonly priors: number[];
  /** How often each word stands in the texts of each label. */
  private readonly wordCounts = new Map<string, Float64Array>();
  /** Words a label, plus the vocabulary: what a smoothed count is divided by. */
  private readonly totals: Float64Array;

  /** @param examples at least one */
  constructor(examples: readonly { text: string; label: string }[]) {
    const shares = new Map<string, number>();
    for (const { label } of examples) count(shares, label);
    this.labels = [...shares.keys()].sort();
    this.priors = this.labels.map((label) => Math.log((shares.get(label) ?? 0) / examples.length));
    const numberOf = new Map(this.labels.map((label, number) => [label, number]));
    this.totals = new Float64Array(this.labels.length);
    for (const { text, label } of examples) {
      const number = numberOf.get(label) ?? 0;
      for (const word of wordsOf(text)) {
        let counts = this.wordCounts.get(word);
        if (counts === undefined) {
          counts = new Float64Array(this.labels.length);
          this.wordCounts.set(word, counts);
        }
        counts[number]++;
        this.totals[number]++;
      }
    }
    this.totals.forEach((total, label) => {
      this.totals[label] = total + this.wordCounts.size;
    });
  }

  /** The most probable label; of equal ones the first in code order. */
  predict(text: string): string {
    const scores = [...this.priors];
    for (const word of wordsOf(text)) {
      const counts = this.wordCounts.get(word);
      if (counts === undefined) continue;
      for (let label = 0; label < scores.length; label++) {
        scores[label] += Math.log((counts[label] + 1) / this.totals[label]);
      }
    }
    return this.labels[scores.indexOf(Math.max(...scores))];
  }
}

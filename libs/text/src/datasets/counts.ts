import type { SplitName } from '@regatta/contracts';
import type { Example } from './examples.js';

const mostShown = 200;

/** Counts of what a dataset holds; an example may be taken out again. */
export class ExampleCounts {
  examples = 0;
  words = 0;
  readonly splits = new Map<SplitName | null, number>();
  /** Examples by label, or tokens by tag. */
  readonly labels = new Map<string, number>();
  /** The labels (tags) trained on, and where the others first stand. */
  readonly trained = new Map<string, number>();
  /** Of a regression's training values. */
  readonly values = { least: Number.POSITIVE_INFINITY, most: Number.NEGATIVE_INFINITY };

  /** @param sign -1 to take it out */
  add(example: Example, sign: 1 | -1 = 1): void {
    this.examples += sign;
    increase(this.splits, example.split, sign);
    const trained = example.split === null || example.split === 'train';
    for (const label of labelsOf(example)) {
      increase(this.labels, label, sign);
      if (trained) increase(this.trained, label, sign);
    }
    if ('value' in example && trained && sign === 1) {
      this.values.least = Math.min(this.values.least, example.value);
      this.values.most = Math.max(this.values.most, example.value);
    }
    for (const text of textsOf(example)) this.words += sign * countWords(text);
  }

  get trainExamples(): number {
    return (this.splits.get('train') ?? 0) + (this.splits.get(null) ?? 0);
  }

  /** Examples by split, in the usual order; null where the data has none of its own. */
  splitSizes(): Record<string, number> | null {
    const sizes = { train: this.trainExamples } as Record<string, number>;
    for (const split of ['validation', 'test'] as const) {
      const count = this.splits.get(split) ?? 0;
      if (count > 0) sizes[split] = count;
    }
    return Object.keys(sizes).length > 1 ? sizes : null;
  }

  /** Most frequent first; null for a kind without labels. */
  labelList(): { label: string; count: number }[] | null {
    if (this.labels.size === 0) return null;
    return [...this.labels]
      .map(([label, count]) => ({ label, count }))
      .sort((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1))
      .slice(0, mostShown);
  }
}

function increase<K>(counts: Map<K, number>, key: K, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}

export function labelsOf(example: Example): readonly string[] {
  if ('label' in example) return [example.label];
  return 'tags' in example ? example.tags : [];
}

function textsOf(example: Example): readonly (string | null)[] {
  if ('tokens' in example) return example.tokens;
  if ('question' in example) return [example.question, example.context];
  if ('source' in example) return [example.source, example.target];
  return [example.text, 'textPair' in example ? example.textPair : null];
}

const blank = 0x20;
const firstOtherBlank = 0x85;

function countWords(text: string | null): number {
  let words = 0;
  let inside = false;
  for (let i = 0; text !== null && i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const isBlank = unit <= blank || (unit >= firstOtherBlank && /\s/.test(text[i]));
    if (!isBlank && !inside) words++;
    inside = !isBlank;
  }
  return words;
}

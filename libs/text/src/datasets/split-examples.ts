import type { SplitName } from '@regatta/contracts';
import { RandomStream } from '@regatta/random';

/** Example numbers, ascending. */
export interface ExampleSplit {
  train: Int32Array;
  /** Held out: what a run is evaluated on. */
  validation: Int32Array;
  /** Where the data brings both; where it brings only a test split, that is held out too. */
  test: Int32Array;
}

export interface ExampleSplitOptions<E> {
  /** Share of the examples to hold out, in [0, 1), where the data does not say which. */
  validationFraction: number;
  seed: number;
  /** Examples of equal keys never lie on both sides of a drawn split (`groupKey` by default of the tasks). */
  keyOf: (example: E) => string;
}

/**
 * Which examples are trained on and which are held out. A split that the data brings is kept as it is (reading it has taken out of
 * `train` what stands in the others; examples without a split are trained on); without a validation split the test split is held out.
 * Else whole groups of equal keys are drawn by the seed until the share is reached; of two or more groups at least one is held out
 * and one is not.
 */
export function splitExamples<E extends { split: SplitName | null }>(
  examples: readonly E[],
  { validationFraction, seed, keyOf }: ExampleSplitOptions<E>,
): ExampleSplit {
  const given = { train: [] as number[], validation: [] as number[], test: [] as number[] };
  examples.forEach(({ split }, i) => {
    given[split ?? 'train'].push(i);
  });
  const { train, validation, test } = given;
  if (validation.length > 0 || test.length > 0) {
    const heldOut = validation.length > 0 ? validation : test;
    return { train: Int32Array.from(train), validation: Int32Array.from(heldOut), test: Int32Array.from(test) };
  }
  const held = drawn(examples.map(keyOf), validationFraction, seed);
  return {
    train: Int32Array.from(train.filter((i) => !held[i])),
    validation: Int32Array.from(train.filter((i) => held[i])),
    test: new Int32Array(),
  };
}

/** 1 for each example that is held out. */
function drawn(keys: readonly string[], fraction: number, seed: number): Uint8Array {
  const held = new Uint8Array(keys.length);
  const groupOf = new Map<string, number[]>();
  keys.forEach((key, i) => {
    const group = groupOf.get(key);
    if (group) group.push(i);
    else groupOf.set(key, [i]);
  });
  const groups = [...groupOf.values()];
  if (groups.length < 2 || fraction === 0) return held;
  const wanted = Math.max(1, Math.round(keys.length * fraction));
  const order = new RandomStream({ seed, site: 'split.examples' }).permutation(groups.length);
  const chosen: number[][] = [];
  let count = 0;
  for (const g of order) {
    if (chosen.length === groups.length - 1 || count === wanted) break;
    if (count + groups[g].length > wanted) continue;
    chosen.push(groups[g]);
    count += groups[g].length;
  }
  // Where every group is larger than the share, the smallest is held out.
  if (chosen.length === 0) chosen.push(groups.reduce((least, group) => (group.length < least.length ? group : least)));
  for (const group of chosen) for (const i of group) held[i] = 1;
  return held;
}

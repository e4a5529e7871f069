import { describe, expect, it } from '@jest/globals';
import { RandomStream } from '@regatta/random';
import { chooseBuckets } from './buckets.js';

const stream = new RandomStream({ seed: 3, site: 'test.lengths' });
const lengths = Int32Array.from({ length: 400 }, (_, i) => 3 + Math.floor(37 * stream.uniform(i) ** 2));
/** Tokens with padding. */
const padded = (buckets: readonly number[]) =>
  lengths.reduce((sum, length) => sum + (buckets.find((bucket) => length <= bucket) as number), 0);

describe('chooseBuckets', () => {
  it('pads less than any other choice of as many lengths', () => {
    const chosen = chooseBuckets(lengths, 40, 16, 64);
    expect(chosen).toHaveLength(4);
    expect(chosen.at(-1)).toBe(40);
    const edges = Array.from({ length: 9 }, (_, i) => 4 * (i + 1));
    let least = Number.POSITIVE_INFINITY;
    for (const a of edges)
      for (const b of edges)
        for (const c of edges) least = Math.min(least, padded([a, b, c, 40].sort((x, y) => x - y)));
    expect(padded(chosen)).toBe(least);
  });

  it('takes fewer lengths where there are few steps, and none beyond the longest allowed', () => {
    expect(chooseBuckets(lengths, 40, 64, 64)).toHaveLength(1);
    expect(chooseBuckets(lengths, 42, 50, 43).at(-1)).toBe(43);
    expect(chooseBuckets(Int32Array.of(8, 8, 8), 0, 1, 64)).toEqual([8]);
  });
});

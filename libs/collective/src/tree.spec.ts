import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parent, shardSlices, sibling, subtrees } from './tree.js';

const gang = fc
  .record({ depth: fc.integer({ min: 0, max: 6 }), choice: fc.nat() })
  .map(({ depth, choice }) => ({ shards: 2 ** depth, worldSize: 1 + (choice % 2 ** depth) }));

describe('shardSlices', () => {
  it('deals every shard once, in order, sizes differing by at most one', () => {
    fc.assert(
      fc.property(gang, ({ shards, worldSize }) => {
        const slices = shardSlices(shards, worldSize);
        expect(slices).toHaveLength(worldSize);
        expect(slices.flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i))).toEqual(
          Array.from({ length: shards }, (_, shard) => shard),
        );
        const counts = slices.map(({ count }) => count);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('refuses shards that are no power of two, and more ranks than shards', () => {
    expect(() => shardSlices(6, 2)).toThrow(/6 logical shards are not a power of two/);
    expect(() => shardSlices(4, 5)).toThrow(/4 logical shards cannot be dealt to 5 ranks/);
    expect(() => shardSlices(4, 0)).toThrow(/to 0 ranks/);
  });
});

describe('subtrees', () => {
  it('covers [3, 8) of 8 with [3, 4) and [4, 8)', () => {
    expect(subtrees({ first: 3, count: 5 }, 8)).toEqual([
      { first: 3, count: 1 },
      { first: 4, count: 4 },
    ]);
  });

  it('covers a slice exactly with aligned powers of two, no two of which are siblings', () => {
    fc.assert(
      fc.property(gang, ({ shards, worldSize }) => {
        for (const slice of shardSlices(shards, worldSize)) {
          const blocks = subtrees(slice, shards);
          let next = slice.first;
          for (const { first, count } of blocks) {
            expect(first).toBe(next);
            expect(Number.isInteger(Math.log2(count)) && first % count === 0).toBe(true);
            expect(blocks).not.toContainEqual(count === shards ? null : sibling({ first, count }));
            next += count;
          }
          expect(next).toBe(slice.first + slice.count);
        }
      }),
    );
  });

  it('refuses a slice outside the shards', () => {
    expect(() => subtrees({ first: 6, count: 3 }, 8)).toThrow(/outside 8 shards/);
  });
});

describe('sibling and parent', () => {
  it('know the tree', () => {
    expect(sibling({ first: 4, count: 2 })).toEqual({ first: 6, count: 2 });
    expect(sibling({ first: 6, count: 2 })).toEqual({ first: 4, count: 2 });
    expect(parent({ first: 6, count: 2 })).toEqual({ first: 4, count: 4 });
    expect(parent({ first: 5, count: 1 })).toEqual({ first: 4, count: 2 });
  });
});

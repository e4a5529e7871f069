import { describe, expect, it } from '@jest/globals';
import { pairBatch, pairLengths, type Sentences, selectPairs, tokenCounts } from './pairs.js';

const sentences = (...lists: number[][]): Sentences => ({
  ids: Int32Array.from(lists.flat()),
  starts: Int32Array.from([0, ...lists.map((_, i) => lists.slice(0, i + 1).flat().length)]),
});
const pairs = { source: sentences([5, 6, 7], [8], []), target: sentences([9, 10], [11, 12, 13, 14], [15]) };
const special = { padId: 0, bosId: 2, eosId: 3 } as const;

describe('pairs', () => {
  it('are as long as their longer side with its end token', () => {
    expect(Array.from(pairLengths(pairs))).toEqual([4, 5, 2]);
    expect(tokenCounts(pairs, [0, 2])).toEqual({ source: 5, target: 5 });
  });

  it('are laid out for teacher forcing, fillers without weight', () => {
    const shape = { batch: 3, sourceLength: 4, targetLength: 5 };
    const batch = pairBatch({ pairs, rows: [1, 0, 1], real: 2, shape, special });
    expect(batch).toEqual({
      sourceIds: Int32Array.of(8, 3, 0, 0, 5, 6, 7, 3, 8, 3, 0, 0),
      sourceLengths: Int32Array.of(2, 4, 2),
      targetInputIds: Int32Array.of(2, 11, 12, 13, 14, 2, 9, 10, 0, 0, 2, 11, 12, 13, 14),
      targetIds: Int32Array.of(11, 12, 13, 14, 3, 9, 10, 3, 0, 0, 11, 12, 13, 14, 3),
      weights: Float32Array.of(1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0),
    });
    expect(() =>
      pairBatch({ pairs, rows: [1], real: 1, shape: { ...shape, batch: 1, targetLength: 4 }, special }),
    ).toThrow(RangeError);
  });

  it('can be chosen', () => {
    expect(selectPairs(pairs, [2, 1])).toEqual({
      source: sentences([], [8]),
      target: sentences([15], [11, 12, 13, 14]),
    });
  });
});

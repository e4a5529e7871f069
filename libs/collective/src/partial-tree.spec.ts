import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bits, sumByDefinition } from '../../../test/support/leaves.js';
import { BufferPool, PartialTree } from './partial-tree.js';
import { subtreesByRank } from './tree.js';
import { plainAdd } from './tree-sum.js';

describe('PartialTree', () => {
  it('has the bits of the whole tree in its result, whatever the gang, the owner and the order of arrival', () => {
    const cases = fc.record({
      worldSize: fc.integer({ min: 2, max: 8 }),
      owner: fc.nat(7),
      length: fc.integer({ min: 1, max: 9 }),
      seed: fc.nat(1000),
      order: fc.array(fc.nat(), { minLength: 16, maxLength: 16 }),
    });
    fc.assert(
      fc.property(cases, ({ worldSize, owner, length, seed, order }) => {
        const byRank = subtreesByRank(8, worldSize);
        const mine = byRank[owner % worldSize];
        const foreign = byRank
          .filter((blocks) => blocks !== mine)
          .flat()
          .map((subtree, i) => ({ subtree, at: order[i] }))
          .sort((a, b) => a.at - b.at);
        const result = new Float32Array(length).fill(Number.NaN);
        const pool = new BufferPool(length + 3);
        const tree = new PartialTree(8, result, pool, plainAdd);
        const own = mine.map(({ first, count }) => sumByDefinition(seed, first, count, length));
        mine.forEach((subtree, i) => {
          tree.addOwn(subtree, own[i]);
        });
        const finished = foreign.map(({ subtree }) => {
          const target = tree.target();
          target.set(sumByDefinition(seed, subtree.first, subtree.count, length));
          return tree.addForeign(subtree, target);
        });
        expect(finished).toEqual(foreign.map((_, i) => i === foreign.length - 1));
        expect(bits(result)).toBe(bits(sumByDefinition(seed, 0, 8, length)));
        expect(own.map(bits)).toEqual(
          mine.map(({ first, count }) => bits(sumByDefinition(seed, first, count, length))),
        );
      }),
    );
  });

  it('reads the first part into the result itself, and gives further buffers back', () => {
    const result = new Float32Array(4);
    const pool = new BufferPool(4);
    const tree = new PartialTree(4, result, pool, plainAdd);
    expect(tree.target()).toBe(result);
    const second = tree.target();
    tree.addOwn({ first: 0, count: 1 }, new Float32Array(4));
    tree.addForeign({ first: 2, count: 2 }, result);
    tree.addForeign({ first: 1, count: 1 }, second);
    expect(pool.take(4).buffer).toBe(second.buffer);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bits, sumByDefinition } from '../../../../test/support/leaves.js';
import { GenerationEnded } from '../process-group.js';
import { shardSlices, subtrees } from '../tree.js';
import { createMemoryGroups } from './memory-group.js';

const partsOf = (seed: number, worldSize: number, rank: number, length: number) =>
  subtrees(shardSlices(8, worldSize)[rank], 8).map((subtree) => ({
    subtree,
    data: sumByDefinition(seed, subtree.first, subtree.count, length),
  }));

describe('createMemoryGroups', () => {
  it('sums to the same bits on every rank of any world', async () => {
    const cases = fc.record({
      worldSize: fc.integer({ min: 1, max: 8 }),
      length: fc.integer({ min: 1, max: 40 }),
      seed: fc.nat(1000),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ worldSize, length, seed }) => {
        const wanted = bits(sumByDefinition(seed, 0, 8, length));
        const sums = await Promise.all(
          createMemoryGroups(worldSize, { shards: 8 }).map(async (group) => {
            const result = new Float32Array(length);
            await group.allReduce(0, partsOf(seed, worldSize, group.rank, length), result);
            return bits(result);
          }),
        );
        expect(sums).toEqual(Array.from({ length: worldSize }, () => wanted));
      }),
    );
  });

  it('refuses parts that are not the subtrees of the rank, and parts of another length', async () => {
    const [first] = createMemoryGroups(2, { shards: 8 });
    const wrong = [{ subtree: { first: 4, count: 4 }, data: new Float32Array(3) }];
    await expect(first.allReduce(0, wrong, new Float32Array(3))).rejects.toThrow(/covers the subtrees 0\+4.*for 4\+4/);
    await expect(first.allReduce(0, partsOf(1, 2, 0, 3), new Float32Array(4))).rejects.toThrow(/3 floats.*4/);
  });

  it('broadcasts, meets, and names who disagrees', async () => {
    const groups = createMemoryGroups(3, { shards: 8 });
    const sent = groups.map((group) => group.broadcast('b', group.rank === 1 ? Buffer.from('seven') : null, 1));
    expect((await Promise.all(sent)).map(String)).toEqual(['seven', 'seven', 'seven']);
    await Promise.all(groups.map((group) => group.barrier('again')));
    await Promise.all(groups.map((group) => group.agree('plan', 'a')));
    const disagreeing = await Promise.allSettled(groups.map((group) => group.agree('plan', `v${group.rank}`)));
    for (const outcome of disagreeing) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { code: 'disagreement', message: 'the ranks disagree about plan: rank 0: v0; rank 1: v1; rank 2: v2' },
      });
    }
  });

  it('wakes a waiting rank when another aborts, and refuses every later call', async () => {
    const [first, second] = createMemoryGroups(2, { shards: 8 });
    const waiting = first.barrier('never');
    await second.abort('told to');
    await expect(waiting).rejects.toThrow(GenerationEnded);
    await expect(waiting).rejects.toMatchObject({ reason: 'told to', retryable: true });
    await expect(second.barrier('later')).rejects.toThrow(/told to/);
  });
});

import { describe, expect, it } from '@jest/globals';
import { bits, leaf, sumByDefinition } from '../../../test/support/leaves.js';
import { TreeSum } from './tree-sum.js';

const buffers = (count: number, length: number): Float32Array[] =>
  Array.from({ length: TreeSum.buffersFor(count) }, () => new Float32Array(length).fill(Number.NaN));

describe('TreeSum', () => {
  it.each([1, 2, 4, 8, 32])('adds %i leaves in the order of the tree, to the bit, in log2 + 1 buffers', (count) => {
    const sum = new TreeSum(count, buffers(count, 13));
    for (let shard = 0; shard < count; shard += 1) {
      sum.leaf().set(leaf(5, shard, 13));
      sum.push();
    }
    expect(bits(sum.result())).toBe(bits(sumByDefinition(5, 0, count, 13)));
  });

  it('is not the sum in another order (so the test above can fail)', () => {
    const running = leaf(5, 0, 13);
    for (let shard = 1; shard < 8; shard += 1) {
      leaf(5, shard, 13).forEach((value, i) => {
        running[i] += value;
      });
    }
    expect(bits(running)).not.toBe(bits(sumByDefinition(5, 0, 8, 13)));
  });

  it('adds with the function it is given', () => {
    let calls = 0;
    const sum = new TreeSum(4, buffers(4, 3), (dst, src) => {
      calls += 1;
      dst.set(src);
    });
    for (let shard = 0; shard < 4; shard += 1) {
      sum.leaf().fill(shard);
      sum.push();
    }
    expect(calls).toBe(3);
    expect([...sum.result()]).toEqual([3, 3, 3]);
  });

  it('refuses a result too early, a leaf too many, and too few buffers', () => {
    const sum = new TreeSum(2, buffers(2, 3));
    expect(() => sum.result()).toThrow(/only 0 of 2/);
    sum.push();
    sum.push();
    expect(() => sum.leaf()).toThrow(/all 2 leaves/);
    expect(() => new TreeSum(8, buffers(2, 3))).toThrow(/8 leaves cannot be made in 2 buffers/);
    expect(() => new TreeSum(3, buffers(8, 3))).toThrow(/3 leaves/);
  });
});

import { describe, expect, it } from '@jest/globals';
import { bits, leaf, sumByDefinition, toInt8 } from '../../../../test/support/leaves.js';
import { createMemoryGroups } from '../memory/memory-group.js';
import { shardSlices, subtrees } from '../tree.js';
import { plainAdd } from '../tree-sum.js';
import { VectorFormat } from './format.js';
import { int8 } from './int8.js';

/** Empty, less than a block, whole blocks, more than one room (16,384 floats). */
const lengths = [0, 1, 31, 32, 33, 64, 16_384, 16_385, 40_003];
const rounding = int8(7);
const node = { step: 3, first: 4, count: 2 };

const rounded = (floats: number[] | Float32Array, of = node): Float32Array => {
  const vector = Float32Array.from(floats);
  rounding.round(vector, of, 0);
  return vector;
};
const there = (vector: Float32Array): Float32Array => {
  const bytes = new Uint8Array(rounding.bytes(vector.length));
  rounding.pack(vector, bytes);
  const back = new Float32Array(vector.length).fill(Number.NaN);
  rounding.unpack(bytes, back);
  return back;
};
const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('int8', () => {
  it.each(lengths)('of %i floats has the bits of the definition, sums too, and travels as it is', (length) => {
    const [dst, src] = [leaf(1, 0, length), leaf(1, 1, length)];
    const wanted = dst.slice();
    plainAdd(wanted, src);
    toInt8(7, 3)(wanted, 4, 2);
    rounding.add(dst, src, node, 0);
    expect(bits(dst)).toBe(bits(wanted));
    expect(bits(there(dst))).toBe(bits(dst));
    const [alone, first] = [leaf(1, 2, length), leaf(1, 2, length)];
    toInt8(7, 3)(first, 4, 2);
    expect(bits(rounded(alone))).toBe(bits(first));
  });

  it('rounds a stretch as it does within the whole', () => {
    const whole = rounded(leaf(1, 0, 20_000));
    const [from, to] = [32 * 17, 32 * 17 + 17_000];
    const stretch = leaf(1, 0, 20_000).slice(from, to);
    rounding.round(stretch, node, from);
    expect(bits(stretch)).toBe(bits(whole.slice(from, to)));
  });

  it('leaves alone what is rounded already, whichever node it is called', () => {
    const once = rounded(leaf(1, 0, 1000));
    expect(bits(rounded(once, { step: 9, first: 0, count: 8 }))).toBe(bits(once));
  });

  it('takes up to 33 bytes for 32 numbers', () => {
    expect([0, 1, 32, 33, 64].map((floats) => rounding.bytes(floats))).toEqual([0, 2, 33, 35, 66]);
  });

  it('is a neighbour of the number, and in the mean the number itself; not the nearest one, which forgets what is small', () => {
    const [tiny, scale] = [0.1, 1];
    const draws = Array.from({ length: 4000 }, (_, step) => rounded([127, tiny, -tiny, 2.75], { ...node, step }));
    for (const [at, value] of [127, tiny, -tiny, 2.75].entries()) {
      const drawn = draws.map((vector) => vector[at]);
      expect(Math.max(...drawn.map((each) => Math.abs(each - value)))).toBeLessThan(scale);
      // five standard errors
      expect(Math.abs(mean(drawn) - value)).toBeLessThan((5 * 0.5 * scale) / Math.sqrt(drawn.length));
    }
  });

  it('draws anew for every step, node and place, and for another seed', () => {
    const third = new Array<number>(32).fill(1 / 3).with(0, 127);
    const draw = (seed: number, changes = {}, from = 0): string => {
      const vector = Float32Array.from(third);
      int8(seed).round(vector, { ...node, ...changes }, from);
      return bits(vector);
    };
    const all = [draw(7), draw(8), draw(7, { step: 4 }), draw(7, { first: 6 }), draw(7, { count: 1 }), draw(7, {}, 32)];
    expect(new Set(all).size).toBe(all.length);
    expect(draw(7)).toBe(all[0]);
  });

  it('hides nothing that is not finite: its block is NaN, and no other, here and there and in sums', () => {
    for (const bad of [Number.NaN, Infinity, -Infinity, 3.4e38]) {
      const vector = rounded(leaf(1, 0, 96).with(40, bad));
      const where = [...vector.keys()].filter((i) => Number.isNaN(vector[i]));
      expect(where).toEqual(Array.from({ length: 32 }, (_, i) => 32 + i));
      expect(bits(there(vector))).toBe(bits(vector));
      const sum = leaf(1, 1, 96);
      rounding.add(sum, vector, node, 0);
      expect([...sum].map(Number.isNaN)).toEqual([...vector].map(Number.isNaN));
    }
    const overflowing = new Float32Array(32).fill(2e38);
    const sum = overflowing.slice();
    rounding.add(sum, overflowing, node, 0);
    expect([...sum].every(Number.isNaN)).toBe(true);
  });

  it('keeps what is as small and as large as it can be', () => {
    for (const values of [
      [1e-45, -1e-40, 2 ** -126, 0, -0],
      [127 * 2 ** 121, -1, 2 ** 121],
    ]) {
      const vector = rounded(values);
      expect([...vector].every(Number.isFinite)).toBe(true);
      expect(Object.is(rounded([0, -0])[1], 0)).toBe(true);
      expect(bits(there(vector))).toBe(bits(vector));
    }
  });

  it('gives 1 to 8 ranks the same bits, which are those of the definition', async () => {
    const [length, shards, step] = [101, 8, 5];
    const format = new VectorFormat(90, rounding);
    const wanted = bits(sumByDefinition(2, 0, shards, length, 90, toInt8(7, step)));
    for (let worldSize = 1; worldSize <= shards; worldSize += 1) {
      const sums = createMemoryGroups(worldSize, { shards, format }).map(async (group) => {
        const parts = subtrees(shardSlices(shards, worldSize)[group.rank], shards).map(({ first, count }) => ({
          subtree: { first, count },
          data: sumByDefinition(2, first, count, length, 90, toInt8(7, step)),
        }));
        const result = new Float32Array(length);
        await group.allReduce(step, parts, result);
        return bits(result);
      });
      expect(await Promise.all(sums)).toEqual(Array.from({ length: worldSize }, () => wanted));
    }
  });
});

import { describe, expect, it } from '@jest/globals';
import { bits, leaf } from '../../../../test/support/leaves.js';
import { plainAdd } from '../tree-sum.js';
import { bf16 } from './bf16.js';

/** Empty, less than one pass, whole passes, more than one room (16,384 floats). */
const lengths = [0, 1, 7, 16, 31, 16_384, 16_385, 40_003];
/** Any: nothing random is in it. */
const node = { step: 1, first: 0, count: 1 };

describe('bfloat16', () => {
  const rounded = (floats: number[]): number[] => {
    const vector = Float32Array.from(floats);
    bf16.round(vector, node, 0);
    return [...vector];
  };
  const there = (vector: Float32Array): Float32Array => {
    const bytes = new Uint8Array(2 * vector.length);
    bf16.pack(vector, bytes);
    const back = new Float32Array(vector.length);
    bf16.unpack(bytes, back);
    return back;
  };

  it('is the nearest one, the even one of two, and keeps what is not finite', () => {
    const [unit, half] = [2 ** -7, 2 ** -8];
    const numbers = [
      1,
      1 + half,
      1 + 3 * half,
      1 + half * 1.01,
      -1 - half * 1.01,
      0,
      -0,
      1e-40,
      -Infinity,
      NaN,
      3.4e38,
    ];
    const wanted = [1, 1, 1 + 2 * unit, 1 + unit, -1 - unit, 0, -0, 2 ** -133, -Infinity, NaN];
    expect(rounded(numbers)).toEqual([...wanted, Infinity]);
  });

  it('keeps every NaN one', () => {
    const payloads = new Float32Array(Uint32Array.of(0x7fffffff, 0xffffffff, 0x7f800001, 0xff800001).buffer);
    expect([...there(payloads)].every(Number.isNaN)).toBe(true);
    bf16.round(payloads, node, 0);
    expect([...payloads].every(Number.isNaN)).toBe(true);
  });

  it.each(lengths)('of %i floats travels as it is in memory, and sums are the rounded ones of floats', (length) => {
    const [dst, src] = [leaf(1, 0, length), leaf(1, 1, length)];
    const sum = dst.slice();
    plainAdd(sum, src);
    bf16.round(sum, node, 0);
    bf16.add(dst, src, node, 0);
    expect(bits(dst)).toBe(bits(sum));
    expect(bits(there(leaf(1, 2, length)))).toBe(bits(Float32Array.from(rounded([...leaf(1, 2, length)]))));
    expect(bits(there(sum))).toBe(bits(sum));
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bits, leaf } from '../../../../test/support/leaves.js';
import { kernelsSource } from '../../tools/build-kernels.mjs';
import { plainAdd } from '../tree-sum.js';
import { addVectors, hashOf } from './vector.js';

/** Empty, less than one pass, whole passes, more than one room (16,384 floats). */
const lengths = [0, 1, 7, 16, 31, 16_384, 16_385, 40_003];

describe('the kernels', () => {
  it('are what the tool assembles from its sources', async () => {
    expect(readFileSync(new URL('./kernels.generated.ts', import.meta.url), 'utf8')).toBe(await kernelsSource());
  });

  it.each(lengths)('add %i floats to the bits of the plain loop', (length) => {
    const [dst, src] = [leaf(1, 0, length), leaf(1, 1, length)];
    const expected = dst.slice();
    plainAdd(expected, src);
    addVectors(dst, src);
    expect(bits(dst)).toBe(bits(expected));
  });

  it('see every altered bit, whatever its place', () => {
    const bytes = Uint8Array.from({ length: 70_001 }, (_, i) => i * 7);
    const whole = hashOf(bytes);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
        bytes[at] ^= 1 << bit;
        const altered = hashOf(bytes);
        bytes[at] ^= 1 << bit;
        expect(altered).not.toBe(whole);
      }),
    );
    expect(hashOf(bytes)).toBe(whole);
  });

  it('see words that have changed places, near and far', () => {
    const bytes = Uint8Array.from({ length: 1024 }, (_, i) => i % 251);
    const hashes = [4, 16, 128, 512].map((far) => {
      const swapped = bytes.slice();
      swapped.copyWithin(0, far, far + 4);
      swapped.set(bytes.subarray(0, 4), far);
      return hashOf(swapped);
    });
    expect(new Set([hashOf(bytes), ...hashes]).size).toBe(5);
  });

  it('hash the same bytes alike wherever they lie', () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i * 3);
    const elsewhere = new Uint8Array(1005);
    elsewhere.set(bytes, 3);
    hashOf(new Uint8Array(65_536).fill(255));
    expect(hashOf(elsewhere.subarray(3, 1003))).toBe(hashOf(bytes));
  });
});

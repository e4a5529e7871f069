import { describe, expect, it } from '@jest/globals';
import { philox, RandomStream, siteNumber } from './index.js';

describe('philox', () => {
  // Random123's kat_vectors, philox4x32 with 10 rounds
  it.each([
    { counter: [0, 0, 0, 0], key: [0, 0], words: ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8'] },
    {
      counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      key: [0xffffffff, 0xffffffff],
      words: ['408f276d', '41c83b0e', 'a20bc7c6', '6d5451fd'],
    },
    {
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0],
      words: ['d16cfe09', '94fdcceb', '5001e420', '24126ea1'],
    },
  ])('gives the published answer for key $key', ({ counter, key, words }) => {
    const out = new Uint32Array(4);
    philox(out, 0, counter[0], counter[1], counter[2], counter[3], key[0], key[1]);
    expect(Array.from(out, (w) => w.toString(16).padStart(8, '0'))).toEqual(words);
  });
});

describe('RandomStream', () => {
  const place = { seed: 7, step: 3, shard: 2, site: 'mlm.mask' };

  it('depends on the place alone, not on the order of asking', () => {
    const forward = new RandomStream(place);
    const backward = new RandomStream(place);
    const a = Array.from({ length: 11 }, (_, i) => forward.word(i));
    const b = Array.from({ length: 11 }, (_, i) => backward.word(10 - i)).reverse();
    expect(a).toEqual(b);
  });

  it.each([{ seed: 8 }, { step: 4 }, { shard: 3 }, { site: 'mlm.token' }])('differs where %j differs', (change) => {
    expect(new RandomStream({ ...place, ...change }).word(0)).not.toBe(new RandomStream(place).word(0));
  });

  it('permutes every index exactly once', () => {
    expect([...new RandomStream(place).permutation(97)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 97 }, (_, i) => i),
    );
  });

  it('draws normals of mean 0 and variance 1', () => {
    const stream = new RandomStream(place);
    const n = 20_000;
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const x = stream.normal(i);
      sum += x;
      squares += x * x;
    }
    expect(Math.abs(sum / n)).toBeLessThan(0.03);
    expect(Math.abs(squares / n - 1)).toBeLessThan(0.05);
  });

  it('numbers sites by FNV-1a', () => {
    expect(siteNumber('a')).toBe(0xe40c292c);
  });
});

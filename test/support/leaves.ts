import { philox, siteNumber } from '@regatta/random';

const scales = [1, 10, 100, 1e3, 1e4, 1e5, 1e6];

/** The gradient of one shard, as any tests' data: values whose sums depend on the order in which they are added. */
export function leaf(seed: number, shard: number, length: number): Float32Array {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(shard + 1, 0x85ebca6b)) >>> 0;
  const values = new Float32Array(length);
  for (let i = 0; i < length; i += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = (state / 2 ** 32 - 0.5) * scales[state % 7];
  }
  return values;
}

/** Rounds a node's floats in place. Only for what is finite. */
export type Round = (vector: Float32Array, first: number, count: number) => void;

/** The nearest bfloat16, ties to even, from the definition. */
const toBf16: Round = (vector) => {
  const words = new Uint32Array(vector.buffer, vector.byteOffset, vector.length);
  words.forEach((word, i) => {
    const [below, rest] = [word >>> 16, word & 0xffff];
    const up = rest > 0x8000 || (rest === 0x8000 && below % 2 === 1);
    words[i] = ((below + (up ? 1 : 0)) << 16) >>> 0;
  });
};

/** Blocks of 32 whole multiples of a power of two, at most 127 of it, up or down at random, from the definition. */
export function toInt8(seed: number, step: number): Round {
  const [words, site] = [new Uint32Array(16), siteNumber('exchange.int8')];
  return (vector, first, count) => {
    for (let from = 0; from < vector.length; from += 32) {
      const block = vector.subarray(from, from + 32);
      const greatest = block.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      let scale = 2 ** -126;
      while (greatest > 127 * scale) scale *= 2;
      // four counters a block, one for each lane of four; their words have two halves, which the fours take in turn
      for (let lane = 0; lane < 4; lane += 1) philox(words, 4 * lane, from / 8 + lane, site, first, count, seed, step);
      block.forEach((value, i) => {
        const word = words[4 * (i % 4) + (i >> 3)];
        const half = (i >> 2) % 2 === 0 ? word & 0xffff : word >>> 16;
        block[i] = Math.floor(Math.fround(Math.fround(value / scale) + (half + 0.5) / 65536)) * scale + 0;
      });
    }
  };
}

/** The sum over shards [first, first + count) as one process would add it, from the definition: left half plus right half, each rounded to float32, and the first `rounded` to fewer bits. */
export function sumByDefinition(
  seed: number,
  first: number,
  count: number,
  length: number,
  rounded = 0,
  round: Round = toBf16,
): Float32Array {
  const node = (vector: Float32Array): Float32Array => {
    round(vector.subarray(0, rounded), first, count);
    return vector;
  };
  if (count === 1) {
    return node(leaf(seed, first, length));
  }
  const left = sumByDefinition(seed, first, count / 2, length, rounded, round);
  const right = sumByDefinition(seed, first + count / 2, count / 2, length, rounded, round);
  for (let i = 0; i < length; i += 1) {
    left[i] = left[i] + right[i];
  }
  return node(left);
}

/** The bits, for comparing: equal floats need not be equal bits (0 and −0), and NaN equals nothing. */
export function bits(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('hex');
}

import { RandomStream } from '@regatta/random';

/** At most `most` of the numbers, drawn by the seed, in the order of the draw. */
export function drawnSample(numbers: Int32Array, most: number, seed: number): Int32Array {
  const order = new RandomStream({ seed, site: 'sample.examples' }).permutation(numbers.length);
  return Int32Array.from(order.subarray(0, most), (i) => numbers[i]);
}

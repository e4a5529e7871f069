import { describe, expect, it } from '@jest/globals';
import { sinusoidal } from './sinusoidal.js';

describe('sinusoidal', () => {
  const [positions, width, rms] = [33, 12, 0.1];
  const table = new Float32Array(positions * width);
  sinusoidal(table, positions, width, rms);
  const row = (i: number) => table.subarray(i * width, (i + 1) * width);
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, k) => sum + x * b[k], 0);

  it('has the size asked for in every row, sines and cosines in turn, the first pair turning by one radian a position', () => {
    for (let i = 0; i < positions; i++) expect(Math.sqrt(dot(row(i), row(i)) / width)).toBeCloseTo(rms, 6);
    expect(row(0)[0]).toBe(0);
    expect(row(0)[1]).toBeCloseTo(rms * Math.SQRT2, 6);
    expect(row(5)[0]).toBeCloseTo(rms * Math.SQRT2 * Math.sin(5), 6);
  });

  it('makes what two positions share a function of their distance alone, which falls from neighbour to neighbour', () => {
    for (const distance of [1, 4, 9])
      expect(dot(row(3), row(3 + distance))).toBeCloseTo(dot(row(20), row(20 + distance)), 6);
    const near = [0, 1, 2].map((distance) => dot(row(10), row(10 + distance)));
    expect(near).toEqual([...near].sort((a, b) => b - a));
  });

  it('has a longest wavelength of ten tables, so that no pair is constant', () => {
    // the slowest pair, k = 10 and 11, turns 1/10 of a circle per table at base^(10/12); its angle at the last position
    const angle = Math.asin(row(positions - 1)[10] / (rms * Math.SQRT2));
    const base = (10 * positions) / (2 * Math.PI);
    expect(angle).toBeCloseTo((positions - 1) / base ** (10 / 12), 4);
    expect(angle).toBeGreaterThan(0.5);
  });
});

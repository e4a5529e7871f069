import { describe, expect, it } from '@jest/globals';
import { layerCosts } from './costs.js';
import { encoding, offsetMap, residual } from './encoding.js';
import { distance, kernelFit, points, truth } from './kernel.js';
import { masked, scores } from './masks.js';

const sums = (rows: number[][]) => rows.map((row) => row.reduce((a, b) => a + b, 0));

describe('kernel regression', () => {
  it('weighs the points with a sum of 1 and takes their mean', () => {
    const { fit, weights } = kernelFit({ x: [0, 1], y: [2, 4] }, [0, 0.5, 7], 1);
    for (const sum of sums(weights)) expect(sum).toBeCloseTo(1);
    expect(weights[0][1] / weights[0][0]).toBeCloseTo(Math.exp(-0.5));
    expect(fit[1]).toBeCloseTo(3);
  });

  it('fits best with a width between the narrowest and the widest', () => {
    const grid = truth(50);
    const error = (width: number) => distance(kernelFit(points(50, 0.5), grid.x, 1 / width).fit, grid.y);
    expect(error(0.3)).toBeLessThan(error(0.02));
    expect(error(0.3)).toBeLessThan(error(3));
  });

  it('draws the same points each time, in order, with about the noise that is wanted', () => {
    const { x, y } = points(100, 0.5);
    expect(points(100, 0.5)).toEqual({ x, y });
    expect(x).toEqual([...x].sort((a, b) => a - b));
    expect(distance(y, points(100, 0).y)).toBeGreaterThan(0.4);
    expect(distance(y, points(100, 0).y)).toBeLessThan(0.6);
  });
});

describe('positions', () => {
  it('are sines and cosines', () => {
    const matrix = encoding(3, 6);
    expect(matrix[0]).toEqual([0, 1, 0, 1, 0, 1]);
    expect(matrix[2][0]).toBeCloseTo(Math.sin(2));
    expect(matrix[2][5]).toBeCloseTo(Math.cos(2 / 10_000 ** (4 / 6)));
  });

  it('are moved by one map, whatever the place', () => {
    const matrix = encoding(40, 6);
    expect(residual(matrix, offsetMap(7, 6), 7)).toBeLessThan(1e-12);
    expect(residual(matrix, offsetMap(6, 6), 7)).toBeGreaterThan(0.5);
  });
});

describe('masks', () => {
  it('give padding and the future no weight, and the rest a sum of 1', () => {
    const weights = masked(scores(5), 3, true);
    expect(weights[0]).toEqual([1, 0, 0, 0, 0]);
    expect(weights[1][2]).toBe(0);
    expect(weights[4].map((weight) => weight > 0)).toEqual([true, true, true, false, false]);
    for (const sum of sums(weights)) expect(sum).toBeCloseTo(1);
  });
});

describe('costs', () => {
  const of = (layer: string) => layerCosts.find((cost) => cost.layer === layer) as (typeof layerCosts)[number];
  const sizes = { d: 64, k: 3 };

  it('grow with the square of the length for attention, in proportion to it for the others', () => {
    const growth = (layer: string) => of(layer).operations(200, sizes) / of(layer).operations(100, sizes);
    expect(['self-attention', 'rnn', 'cnn'].map(growth)).toEqual([4, 2, 2]);
  });

  it('have paths of one step, of the length, and of the length by the reach of the kernel', () => {
    expect(layerCosts.map(({ pathLength }) => pathLength(101, { d: 64, k: 5 }))).toEqual([1, 101, 50]);
  });
});

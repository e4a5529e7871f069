import { describe, expect, it } from '@jest/globals';
import { emptySeries, putPoint, smooth, thin } from './series.js';

describe('putPoint', () => {
  it('keeps the order of steps whatever the order of arrival, and each step once', () => {
    const series = emptySeries();
    for (const [step, value] of [
      [2, 20],
      [5, 50],
      [3, 30],
      [5, 51],
      [1, 10],
    ])
      putPoint(series, step, value, step * 1000);
    expect(series).toEqual({ steps: [1, 2, 3, 5], values: [10, 20, 30, 51], times: [1000, 2000, 3000, 5000] });
  });

  it('does not grow without end, and keeps the newest point', () => {
    const series = emptySeries();
    for (let step = 1; step <= 50_000; step++) putPoint(series, step, Math.sin(step), step);
    expect(series.steps.length).toBeLessThanOrEqual(8000);
    expect(series.values).toHaveLength(series.steps.length);
    expect(series.steps.at(-1)).toBe(50_000);
  });
});

describe('thin', () => {
  it('keeps a lone spike and a lone dip', () => {
    const series = emptySeries();
    for (let step = 0; step < 100; step++) putPoint(series, step, step === 41 ? 9 : step === 66 ? -9 : 1, step);
    thin(series);
    expect(series.steps.length).toBeLessThan(60);
    expect(series.steps).toContain(41);
    expect(series.steps).toContain(66);
  });
});

describe('smooth', () => {
  it('starts at the first value instead of 0, and passes over gaps', () => {
    expect(smooth([4, 4, null, 4], 0.9).map((value) => value && Math.round(value * 1e6) / 1e6)).toEqual([
      4,
      4,
      null,
      4,
    ]);
  });
  it('follows the mean of what it saw', () => {
    expect(smooth([0, 2], 0.5)[1]).toBeCloseTo(4 / 3, 12);
    expect(smooth([1, 7], 0)).toEqual([1, 7]);
  });
});

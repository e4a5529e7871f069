import { describe, expect, it } from '@jest/globals';
import { learningRate } from './schedule.js';

describe('learningRate', () => {
  const linear = { learningRate: 0.01, schedule: 'warmup-linear', warmupSteps: 4 } as const;
  const rates = (total: number, options: Parameters<typeof learningRate>[2]) =>
    Array.from({ length: total }, (_, i) => learningRate(i + 1, total, options));

  it('rises linearly to the peak and falls linearly, to 0 after the last step', () => {
    const expected = [0.0025, 0.005, 0.0075, 0.01, 0.0075, 0.005, 0.0025];
    rates(7, linear).forEach((rate, i) => {
      expect(rate).toBeCloseTo(expected[i], 12);
    });
    expect(learningRate(8, 7, linear)).toBe(0);
  });

  it('starts at the peak without warm-up', () => {
    expect(rates(4, { ...linear, warmupSteps: 0 }).map((rate) => rate / 0.01)).toEqual([1, 0.75, 0.5, 0.25]);
  });

  it('stays at the peak when constant', () => {
    expect(rates(6, { ...linear, schedule: 'constant' })).toEqual([0.0025, 0.005, 0.0075, 0.01, 0.01, 0.01]);
  });

  it('spends no step at a rate of 0, however short the run', () => {
    for (const total of [1, 2, 4, 5, 100]) for (const rate of rates(total, linear)) expect(rate).toBeGreaterThan(0);
  });
});

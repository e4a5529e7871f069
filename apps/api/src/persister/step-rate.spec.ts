import { describe, expect, it } from '@jest/globals';
import { StepRates } from './step-rate.js';

const at = (seconds: number) => new Date(seconds * 1000).toISOString();

describe('StepRates', () => {
  it('is the time a step over the newest twenty seconds', () => {
    const rates = new StepRates();
    expect(rates.observe('a', 1, at(0))).toBeUndefined();
    expect(rates.observe('a', 3, at(1))).toBe(0.5);
    // The two slow steps behind the window do not count any more.
    expect(rates.observe('a', 4, at(100))).toBeUndefined();
    expect(rates.observe('a', 8, at(102))).toBe(0.5);
    expect(rates.observe('b', 8, at(102))).toBeUndefined();
  });

  it('starts again behind a restored run', () => {
    const rates = new StepRates();
    rates.observe('a', 50, at(0));
    expect(rates.observe('a', 41, at(1))).toBeUndefined();
    expect(rates.observe('a', 43, at(3))).toBe(1);
  });
});

import { describe, expect, it } from '@jest/globals';
import { stepParts } from './step-parts.js';

const feed = (values: Record<string, number>) => ({ last: (name: string) => values[name] });

describe('the parts of a step', () => {
  it('are none until they were told', () => {
    expect(stepParts(feed({ 'rank.0.computeMs': 10, 'rank.0.allReduceMs': 2 }), 0)).toEqual([]);
  });

  it('are taken out of what they belong to, of the rank that is asked for', () => {
    const times = { computeMs: 100, allReduceMs: 30, masksMs: 3, sumMs: 7, waitMs: 20, updateMs: 5 };
    const named = Object.fromEntries(Object.entries(times).map(([name, ms]) => [`rank.1.${name}`, ms]));
    const parts = stepParts(feed({ ...named, 'rank.0.updateMs': 99 }), 1);
    expect(parts.map(({ ms }) => ms)).toEqual([90, 3, 7, 20, 10, 5]);
  });

  it('are never below zero, though they may be of another step', () => {
    const parts = stepParts(feed({ 'rank.0.computeMs': 5, 'rank.0.masksMs': 9, 'rank.0.updateMs': 1 }), 0);
    expect(parts.every(({ ms }) => ms >= 0)).toBe(true);
  });
});

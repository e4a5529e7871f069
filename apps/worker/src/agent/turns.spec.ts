import { describe, expect, it } from '@jest/globals';
import type { RunRow } from '@regatta/collective';
import { whoseTurn } from './turns.js';

const row = (runId: string, createdAt: number, priority = 0, minWorkers = 1, status = 'queued'): RunRow => ({
  runId,
  createdAt,
  desired: { state: 'running', priority, minWorkers: undefined },
  state: { status, limits: JSON.stringify({ minWorkers, maxWorkers: 9 }), standsBackUntil: 0, since: 0, generation: 0 },
  group: undefined,
});

describe('the queued runs that are looked at at once', () => {
  it('are the first, and the first that fits', () => {
    const rows = [row('large', 1, 0, 5), row('older', 2, 0, 2), row('younger', 3), row('trains', 0, 9, 1, 'running')];
    expect(whoseTurn(rows, 2)).toEqual(['large', 'older']);
    expect(whoseTurn(rows, 5)).toEqual(['large']);
    expect(whoseTurn(rows, 0)).toEqual(['large']);
  });

  it('go by priority, then age, then id', () => {
    expect(whoseTurn([row('b', 2), row('a', 2), row('c', 3, 1)], 1)).toEqual(['c']);
    expect(whoseTurn([row('b', 2), row('a', 2)], 1)).toEqual(['a']);
  });

  it('take the word of the API for a minimum that was changed', () => {
    const changed = row('a', 1, 0, 1);
    changed.desired.minWorkers = 3;
    expect(whoseTurn([changed, row('b', 2)], 2)).toEqual(['a', 'b']);
    expect(whoseTurn([], 2)).toEqual([]);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { Holder, Observed } from './observer.js';
import type { Pool } from './pool.js';
import { canGive, preemption } from './preemption.js';

const wanting = (minWorkers: number, maxWorkers: number, priority = 5) =>
  ({ desired: { state: 'running', priority, minWorkers, maxWorkers } }) as Observed;
const idle = (count: number) => ({ fingerprint: 'a', free: Array.from({ length: count }) }) as Pool;
const holder = (runId: string, workers: number, changes: Partial<Holder> = {}): Holder => ({
  runId,
  priority: 0,
  createdAt: '2026-01-01',
  minWorkers: 1,
  members: Array.from({ length: workers }, (_, i) => ({
    memberId: `${runId}-${i}`,
    workerId: `${runId}-${i}`,
    host: 'h',
    fingerprint: 'a',
  })),
  gives: false,
  coming: 0,
  ...changes,
});
/** Run → what it keeps. */
const keeps = (...args: Parameters<typeof preemption>) =>
  Object.fromEntries(preemption(...args).map(({ holder: { runId }, keeps: left }) => [runId, left]));

describe('pre-emption', () => {
  it('shrinks the lowest first, among equals the youngest, and only as far as needed', () => {
    const old = holder('old', 4);
    const young = holder('young', 4, { createdAt: '2026-01-02' });
    const low = holder('low', 2, { priority: -1 });
    expect(keeps(wanting(1, 1), idle(0), [old, young, low])).toEqual({ low: 1 });
    expect(keeps(wanting(1, 4), idle(1), [old, young, low])).toEqual({ low: 1, young: 2 });
    expect(keeps(wanting(1, 4), idle(4), [old, young, low])).toEqual({});
  });

  it('takes whole gangs only as far as minWorkers need them', () => {
    const a = holder('a', 2, { minWorkers: 2 });
    const b = holder('b', 2, { createdAt: '2026-01-02' });
    expect(keeps(wanting(1, 4), idle(0), [a, b])).toEqual({ b: 1 });
    expect(keeps(wanting(2, 4), idle(0), [a, b])).toEqual({ b: 0 });
    expect(keeps(wanting(3, 4), idle(0), [a, b])).toEqual({ a: 0, b: 0 });
  });

  it('takes nothing where it could not start after all, from equals, or from another kind', () => {
    expect(keeps(wanting(5, 8), idle(0), [holder('a', 4)])).toEqual({});
    expect(keeps(wanting(1, 4, 0), idle(0), [holder('a', 4)])).toEqual({});
    const other = holder('b', 4);
    for (const member of other.members) member.fingerprint = 'b';
    expect(keeps(wanting(1, 4), idle(1), [other])).toEqual({});
    expect(keeps(wanting(1, 1), idle(0), [other])).toEqual({ b: 3 });
  });

  it('counts what is on its way', () => {
    const asked = holder('asked', 2, { gives: true, coming: 2 });
    expect(keeps(wanting(2, 2), idle(0), [asked, holder('a', 2)])).toEqual({});
    expect(keeps(wanting(2, 3), idle(0), [asked, holder('a', 2)])).toEqual({ a: 1 });
  });

  it('asks nobody whom another coordinator has asked since, and no gang that has changed', () => {
    const planned = holder('a', 2);
    const seen = (yielding: { runId: string } | null, generation: number, members = planned.members) =>
      ({ state: { generation: 1, yielding }, group: { generation, members } }) as Observed;
    expect(canGive(seen(null, 1), planned)).toBe(true);
    expect(canGive(seen({ runId: 'b' }, 1), planned)).toBe(false);
    expect(canGive(seen(null, 2), planned)).toBe(false);
    expect(canGive(seen(null, 1, planned.members.slice(1)), planned)).toBe(false);
  });
});

import { describe, expect, it } from '@jest/globals';
import type { WorkerBeat } from '@regatta/contracts';
import type { Observed, Rival } from './observer.js';
import { poolFor, reserves, whoGoesFirst } from './pool.js';

const beat = (id: string, changes: Partial<WorkerBeat> = {}) =>
  ({ id, status: 'idle', fingerprint: 'a', runId: null, generation: null, ...changes }) as WorkerBeat;
const observed = (changes: Partial<Record<keyof Observed, unknown>> = {}) =>
  ({
    runId: 'run-m',
    now: 1000,
    desired: { state: 'running', priority: 0, minWorkers: 1, maxWorkers: 4 },
    spec: { createdAt: '2026-01-02' },
    state: { status: 'queued', generation: 2, fingerprint: '', released: { generation: 0, workerIds: [] } },
    group: null,
    alive: [],
    ...changes,
  }) as unknown as Observed;
const rival = (changes: Partial<Rival> = {}): Rival => ({
  runId: 'run-x',
  priority: 0,
  createdAt: '2026-01-02',
  minWorkers: 1,
  status: 'queued',
  since: 0,
  standsBackUntil: 0,
  ...changes,
});

describe('the workers for a run', () => {
  it('are the idle ones of the most frequent kind', () => {
    const alive = [beat('1', { fingerprint: 'b' }), beat('2'), beat('3'), beat('4', { status: 'training' })];
    const pool = poolFor(observed({ alive }));
    expect(pool.fingerprint).toBe('a');
    expect(pool.free.map(({ id }) => id)).toEqual(['2', '3']);
    expect(pool.others.map(({ id }) => id)).toEqual(['1']);
  });

  it('are of the kind that the run had before, where that suffices', () => {
    const alive = [beat('1', { fingerprint: 'b' }), beat('2'), beat('3')];
    const before = (minWorkers: number) =>
      observed({
        alive,
        state: { status: 'recovering', generation: 2, fingerprint: 'b', released: { generation: 0, workerIds: [] } },
        desired: { state: 'running', priority: 0, minWorkers, maxWorkers: 4 },
      });
    expect(poolFor(before(1)).fingerprint).toBe('b');
    expect(poolFor(before(2)).fingerprint).toBe('a');
  });

  it('will be joined by those that still hold a rank of an older generation, unless they are leaving or were let go', () => {
    const old = { status: 'training', runId: 'run-m', generation: 1 } as const;
    const alive = [
      beat('1', old),
      beat('2', { ...old, status: 'draining' }),
      beat('3', { ...old, generation: 2 }),
      beat('4', old),
    ];
    const released = { generation: 2, workerIds: ['4'] };
    const state = { status: 'recovering', generation: 2, fingerprint: '', released };
    expect(poolFor(observed({ alive, state })).returning.map(({ id }) => id)).toEqual(['1']);
  });

  it('will be joined by those that took an offer and have no place yet', () => {
    const took = { status: 'joining', runId: 'run-m', generation: 2 } as const;
    const alive = [beat('1', took), beat('2', took), beat('3', { ...took, generation: 1 }), beat('4')];
    const state = { status: 'gathering', generation: 2, fingerprint: '', released: { generation: 0, workerIds: [] } };
    const group = { generation: 2, phase: 'open', members: [{ workerId: '1', fingerprint: 'a' }] };
    const pool = poolFor(observed({ alive, state, group }));
    expect(pool.coming.map(({ id }) => id)).toEqual(['2']);
    expect(pool.free.map(({ id }) => id)).toEqual(['4']);
  });
});

describe('whose turn it is', () => {
  it.each([
    ['a higher priority', { priority: 1 }, true],
    ['a lower priority', { priority: -1, createdAt: '2026-01-01' }, false],
    ['an older one', { createdAt: '2026-01-01' }, true],
    ['a younger one', { createdAt: '2026-01-03' }, false],
    ['one that gathers already, though younger', { createdAt: '2026-01-03', status: 'gathering' as const }, true],
    ['one that stands back', { priority: 1, standsBackUntil: 2000 }, false],
    ['one that there are not enough workers for', { priority: 1, minWorkers: 3 }, false],
  ])('%s', (_, changes, goesFirst) => {
    expect(whoGoesFirst(observed(), [rival(changes)], 2) !== null).toBe(goesFirst);
  });

  it('is that of a run for which there were never enough workers, for some of the time', () => {
    const minutes = (n: number) => reserves(n * 60_000);
    expect([0.9, 1, 1.9, 2, 3.9, 4, 7.9, 8].map(minutes)).toEqual([false, true, true, false, false, true, true, false]);
    const workers = ['1', '2', '3'].map((id) => beat(id, id === '1' ? {} : { status: 'training' }));
    const large = rival({ createdAt: '2026-01-01', minWorkers: 3 });
    const firstAt = (now: number, alive = workers) => whoGoesFirst(observed({ now, alive }), [large], 1);
    expect(firstAt(30_000)).toBeNull();
    expect(firstAt(90_000)).toBe(large);
    // workers that are not there cannot come free
    expect(firstAt(90_000, workers.slice(1))).toBeNull();
  });

  it('is decided in one way for any two runs', () => {
    const twin = rival({ runId: 'run-a' });
    expect(whoGoesFirst(observed(), [twin], 2)).toBe(twin);
    expect(whoGoesFirst(observed({ runId: 'run-0' }), [twin], 2)).toBeNull();
  });
});

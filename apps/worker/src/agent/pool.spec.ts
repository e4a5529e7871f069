import { describe, expect, it } from '@jest/globals';
import type { WaitingRun } from '@regatta/collective';
import type { WorkerBeat } from '@regatta/contracts';
import type { Observed } from './observer.js';
import { poolFor, reserves, turnOf, whoseTurn } from './pool.js';

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
const rival = ({ day = 2, ...changes }: Partial<WaitingRun> & { day?: number } = {}): WaitingRun => ({
  runId: 'run-x',
  priority: 0,
  createdAt: Date.UTC(2026, 0, day),
  minWorkers: 1,
  maxWorkers: 1,
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

  it('are none that it has let go, until its gang has met again', () => {
    const released = { generation: 2, workerIds: ['2', '3'] };
    const state = { status: 'recovering', generation: 2, fingerprint: '', released };
    const alive = [beat('1'), beat('2'), beat('3', { runId: 'run-m', generation: 1, status: 'training' })];
    const free = (changes: object) => poolFor(observed({ alive, state: { ...state, ...changes } })).free;
    expect(free({}).map(({ id }) => id)).toEqual(['1']);
    expect(free({ status: 'running' }).map(({ id }) => id)).toEqual(['1', '2']);
    expect(free({ generation: 3 }).map(({ id }) => id)).toEqual(['1', '2']);
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
  const first = (...args: Parameters<typeof turnOf>) => turnOf(...args).first;

  it.each([
    ['a higher priority', { priority: 1 }, true],
    ['a lower priority', { priority: -1, day: 1 }, false],
    ['an older one', { day: 1 }, true],
    ['a younger one', { day: 3 }, false],
    ['one that gathers all there are, though younger', { day: 3, status: 'gathering' as const, maxWorkers: 2 }, true],
    ['one that stands back', { priority: 1, standsBackUntil: 2000 }, false],
    ['one that there are not enough workers for', { priority: 1, minWorkers: 3 }, false],
  ])('%s', (_, changes, goesFirst) => {
    expect(first(observed(), [rival(changes)], 2) !== null).toBe(goesFirst);
  });

  it('is that of a run for which there were never enough workers, for some of the time', () => {
    const minutes = (n: number) => reserves(n * 60_000);
    expect([0.9, 1, 1.9, 2, 3.9, 4, 7.9, 8].map(minutes)).toEqual([false, true, true, false, false, true, true, false]);
    const workers = ['1', '2', '3'].map((id) => beat(id, id === '1' ? {} : { status: 'training' }));
    const large = rival({ day: 1, minWorkers: 3 });
    const firstAt = (now: number, alive = workers) => first(observed({ now, alive }), [large], 1);
    expect(firstAt(30_000)).toBeNull();
    expect(firstAt(90_000)).toBe(large);
    // workers that are not there cannot come free
    expect(firstAt(90_000, workers.slice(1))).toBeNull();
  });

  it('is decided in one way for any two runs', () => {
    const twin = rival({ runId: 'run-a' });
    expect(first(observed(), [twin], 2)).toBe(twin);
    expect(first(observed({ runId: 'run-0' }), [twin], 2)).toBeNull();
  });

  it('leaves to those that gather what they still want, and the rest to the next', () => {
    const other = rival({ status: 'gathering', day: 3, maxWorkers: 3 });
    const alive = [beat('1', { runId: 'run-x', status: 'joining' }), beat('2'), beat('3'), beat('4')];
    expect(turnOf(observed({ alive }), [other], 3)).toEqual({ first: null, free: 1 });
    expect(turnOf(observed({ alive }), [other], 2)).toEqual({ first: other, free: 0 });
    // among those that gather only the earlier ones count
    const gathers = observed({ alive, state: { status: 'gathering' } });
    expect(turnOf(gathers, [other], 3)).toEqual({ first: null, free: 3 });
    expect(turnOf(gathers, [{ ...other, priority: 1 }], 3)).toEqual({ first: null, free: 1 });
    // and the queued of higher priority that fit, which workers may have been taken from this one for
    const queued = rival({ priority: 1, minWorkers: 2, maxWorkers: 4 });
    expect(turnOf(gathers, [queued], 3)).toEqual({ first: queued, free: 0 });
    expect(turnOf(gathers, [queued], 1)).toEqual({ first: null, free: 1 });
    expect(turnOf(gathers, [{ ...queued, priority: 0 }], 3)).toEqual({ first: null, free: 3 });
    // all of them are there already
    expect(turnOf(observed({ alive }), [{ ...other, maxWorkers: 1 }], 3)).toEqual({ first: null, free: 3 });
  });
});

describe('the queued runs that are looked at at once', () => {
  const idle = (count: number, fingerprint = 'a') =>
    Array.from({ length: count }, (_, i) => beat(`${i}`, { fingerprint }));
  const large = rival({ runId: 'large', day: 1, minWorkers: 5 });
  const older = rival({ runId: 'older', day: 2, minWorkers: 2 });
  const younger = rival({ runId: 'younger', day: 3 });

  it('are the first that fits and, where it may take workers from others, the first', () => {
    const rows = [younger, older, large];
    expect(whoseTurn(rows, idle(2), 0, true)).toEqual(['large', 'older']);
    expect(whoseTurn(rows, idle(2), 0, false)).toEqual(['older']);
    expect(whoseTurn(rows, idle(5), 0, true)).toEqual(['large']);
    expect(whoseTurn(rows, [], 0, true)).toEqual(['large']);
    expect(whoseTurn(rows, [], 0, false)).toEqual([]);
  });

  it('go by priority, then age, then id, and not while they stand back', () => {
    const twin = { ...older, runId: 'old-twin' };
    expect(whoseTurn([older, twin, { ...younger, priority: 1 }], idle(3), 0, true)).toEqual(['younger']);
    expect(whoseTurn([older, twin], idle(3), 0, true)).toEqual(['old-twin']);
    expect(whoseTurn([older, { ...twin, standsBackUntil: 9 }], idle(3), 8, true)).toEqual(['older']);
  });

  it('must do with the workers of one kind that nobody else is gathering', () => {
    const gathering = rival({ runId: 'gathers', status: 'gathering', maxWorkers: 4 });
    expect(whoseTurn([older, younger, gathering], idle(5), 0, false)).toEqual(['younger']);
    expect(whoseTurn([older, younger], [...idle(1), ...idle(1, 'b')], 0, false)).toEqual(['younger']);
  });
});

import { describe, expect, it } from '@jest/globals';
import { keys } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import { Turns } from './turns.js';

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `run-${i}`);
const idle = {
  host: 'h',
  pid: 1,
  status: 'idle',
  fingerprint: 'a',
  threads: 1,
  memoryBytes: 1,
  runId: null,
  rank: null,
  generation: null,
  startedAt: new Date(0).toISOString(),
};

/** A control server that has these runs, the first of which wait in the queue, and so many workers that are idle. */
function server({ active, busy, waiting = [], workers = 0 }: Record<'active' | 'busy', string[]> & Partial<World>) {
  const locks = new Set<string>();
  const redis = {
    set: async (key: string) => (locks.has(key) ? null : locks.add(key) && 'OK'),
    zcard: async () => active.length,
    zrange: async (key: string, from: number, to: number) =>
      (key === keys.busyRuns ? busy : active).slice(from, to < 0 ? undefined : to + 1),
    hvals: async () =>
      Array.from({ length: workers }, (_, i) => JSON.stringify({ ...idle, id: `worker-${i}`, beat: 1000 })),
    defineCommand: () => undefined,
    'regatta:waiting': async () => [
      [1, 1000],
      ...waiting.map(([runId, smallest]) => [runId, 1, 0, smallest, 'queued', '', 0, 0]),
    ],
  };
  const passes = (what: 'all' | 'turn') => locks.delete(keys.looked(what));
  return { turns: new Turns(redis as unknown as Redis), passes };
}
interface World {
  waiting: [runId: string, minWorkers: number][];
  workers: number;
}

describe('whose turn it is to be looked at', () => {
  it('is every run once, where there are few, and nobody else looks at the same time', async () => {
    const { turns, passes } = server({ active: numbered(32), busy: ['run-3'], waiting: [['run-9', 1]] });
    const [looks, late] = await Promise.all([turns.due(), turns.due()]);
    expect([...looks].sort()).toEqual(numbered(32).sort());
    expect(late).toEqual([]);
    // four times as often: those that have workers, and who is next
    passes('turn');
    expect(await turns.due()).toEqual(['run-9', 'run-3']);
    expect(await turns.due()).toEqual([]);
  });

  it('is, of many runs, those that have workers, who is next, and eight others', async () => {
    const { turns, passes } = server({ active: numbered(1000), busy: ['run-3', 'run-4'], waiting: [['run-9', 1]] });
    const looks = await turns.due();
    expect(looks.slice(0, 3)).toEqual(['run-9', 'run-3', 'run-4']);
    expect(looks.length).toBeLessThanOrEqual(3 + 8);
    expect(looks.length).toBeGreaterThanOrEqual(8);
    expect(new Set(looks).size).toBe(looks.length);
    // what waits costs nothing in between
    passes('turn');
    expect(await turns.due()).toEqual(['run-9']);
  });

  it('is, when workers come free, the first that they are enough for', async () => {
    const waiting: World['waiting'] = [
      ['run-1', 3],
      ['run-2', 2],
      ['run-3', 1],
    ];
    const all = { active: numbered(4), busy: [], waiting };
    expect(await server({ ...all, workers: 2 }).turns.next()).toEqual(['run-2']);
    expect(await server({ ...all, workers: 0 }).turns.next()).toEqual([]);
    // only one that takes workers from others may be looked at before that
    expect(await server({ ...all, workers: 1 }).turns.due()).toEqual(expect.arrayContaining(['run-1', 'run-3']));
  });
});

import { describe, expect, it } from '@jest/globals';
import type { WorkerBeat } from '@regatta/contracts';
import { warningOf } from './warning.js';

const beat = (id: string, more: Partial<WorkerBeat> = {}): WorkerBeat => ({
  id,
  host: 'h',
  pid: 1,
  status: 'idle',
  fingerprint: 'compiled onnx-1 x64-a threads-2 code-1',
  threads: 2,
  memoryBytes: 1,
  runId: null,
  rank: null,
  generation: null,
  startedAt: '2026-01-01T00:00:00.000Z',
  beat: 0,
  ...more,
});
const other = { fingerprint: 'compiled onnx-1 x64-a threads-2 code-2' };
const rank = (id: string, at: number, shardMs: number) =>
  beat(id, { status: 'training', runId: 'run', generation: 3, rank: at, shardMs });

describe('a warning of a worker', () => {
  it('says how a free one differs from those that train, or from most', () => {
    const odd = beat('odd', other);
    expect(warningOf(odd, [odd, rank('a', 0, 5)])).toBe(
      'Cannot join the workers that train: it would compute other bits (code: code-2 here, code-1 there). A gang is made of one kind.',
    );
    expect(warningOf(odd, [odd, beat('a'), beat('b')])).toContain('the 2 workers of the most frequent kind');
    expect(warningOf(odd, [odd, beat('a')])).toBeNull();
    expect(warningOf(beat('a'), [odd, beat('a'), beat('b')])).toBeNull();
    expect(warningOf(odd, [odd])).toBeNull();
  });

  it('says how much slower than its gang a rank is', () => {
    const gang = [rank('a', 0, 20), rank('b', 1, 90), rank('elsewhere', 0, 900)];
    gang[2].runId = 'another';
    expect(warningOf(gang[1], gang)).toContain('4.5 times as long');
    expect(warningOf(gang[0], gang)).toBeNull();
    expect(warningOf(gang[2], gang)).toBeNull();
  });

  it('says why a worker could not prepare to join a run, until it may have been asked again', () => {
    const trouble = {
      runId: 'run',
      times: 3,
      until: 150_000,
      message: 'It could not prepare to join run a: out of memory.',
    };
    const told = (now: number, times = 3) => warningOf(beat('a', { trouble: { ...trouble, times }, beat: now }), []);
    expect(told(0)).toBe(
      'It could not prepare to join run a: out of memory. That was tried 3 times; it is asked again in 3 minutes.',
    );
    expect(told(120_000, 1)).toBe(
      'It could not prepare to join run a: out of memory. It is asked again within a minute.',
    );
    expect(told(220_000)).toBeNull();
  });
});

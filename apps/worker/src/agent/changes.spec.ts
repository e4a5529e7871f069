import { describe, expect, it } from '@jest/globals';
import { resumeFrom, training } from './changes.js';
import type { Loss } from './losses.js';
import { lost } from './lost.js';
import type { Observed } from './observer.js';
import type { MemberReport } from './reports.js';
import { initialState, type RunState } from './run-state.js';

/** A run that has trained on two workers for 60 s, from step 20 to step 60, at time 100 s; it had waited 40 s before. */
const observed = (state: Partial<RunState> = {}, now = 100_000) =>
  ({
    runId: 'run',
    now,
    epoch: 7,
    spec: { config: { training: { maxRestarts: 2 }, distributed: { minWorkers: 1, maxWorkers: 4 } } },
    state: {
      ...initialState(0),
      status: 'running',
      generation: 3,
      startedAt: 20_000,
      trainingSince: 40_000,
      trainingFrom: 20,
      resume: { generation: 3, step: 20 },
      workers: [0, 1].map((rank) => ({ rank, workerId: `w${rank}`, host: 'h' })),
      ...state,
    },
    group: { generation: 3, phase: 'started', reason: '', members: [], complete: { generation: 3, step: 60 } },
  }) as unknown as Observed;
const loss = (changes: Partial<Loss> = {}): Loss => ({
  member: { memberId: 'm', workerId: 'w1', host: 'h', fingerprint: 'f' },
  rank: 1,
  cause: 'killed',
  detectedAfterMs: 500,
  planned: false,
  report: null,
  ...changes,
});

describe('a loss', () => {
  it('opens the next generation and remembers what it cost', () => {
    const { patch } = lost(observed(), [loss()]);
    expect(patch).toMatchObject({ status: 'recovering', generation: 4, restarts: 1, failures: 1, workers: [] });
    expect(patch.interruption).toMatchObject({
      at: 99_500,
      step: 60,
      workersBefore: 2,
      trainedMs: 60_000,
      trainedFrom: 20,
    });
  });

  it('ends the run after maxRestarts in a row without a committed step, but not if one was committed between', () => {
    const silent = observed({ trainingSince: null, failures: 2 });
    const before = { ...silent, group: { ...silent.group, complete: { generation: 2, step: 60 } } } as Observed;
    expect(lost(before, [loss()]).patch).toMatchObject({ status: 'failed', error: { message: 'killed' } });
    expect(lost(observed({ failures: 2 }), [loss()]).patch).toMatchObject({ status: 'recovering', failures: 1 });
    // committed and lost before anybody has looked
    expect(lost(silent, [loss()]).patch).toMatchObject({ status: 'recovering', failures: 1 });
  });

  it('is neither a failure nor a restart when the worker said that it leaves', () => {
    const { patch, lines } = lost(observed({ trainingSince: null, failures: 2 }), [loss({ planned: true })]);
    expect(patch).toMatchObject({ status: 'recovering', failures: 2, restarts: 0 });
    expect(lines.map(({ event }) => event)).toEqual(['worker-left', 'recovering']);
  });

  it('for want of memory makes the micro-batch smaller, which is no failure, until there is no smaller one', () => {
    const config = { training: { maxRestarts: 2, microBatchSize: 6 }, distributed: { minWorkers: 1, maxWorkers: 4 } };
    const report = { outcome: 'exited', code: 'out-of-memory', message: 'killed', at: 0 } as unknown as MemberReport;
    let run = { ...observed({ trainingSince: null, failures: 1 }), spec: { config } } as unknown as Observed;
    const sizes: (number | null)[] = [];
    for (let i = 0; i < 3; i++) {
      const { patch, lines } = lost(run, [loss({ report })]);
      if (lines.some(({ event }) => event === 'numbers-changed')) expect(patch.failures).toBe(1);
      run = { ...run, state: { ...(run.state as RunState), ...patch, trainingSince: null } };
      sizes.push(run.state?.microBatchSize ?? null);
    }
    expect(sizes).toEqual([3, 1, 1]);
    expect(lost(run, [loss({ report })]).lines.map(({ event }) => event)).not.toContain('numbers-changed');
  });

  it('of a gang that has not trained yet keeps the account of the first one', () => {
    const first = lost(observed(), [loss()]).patch as RunState;
    const second = lost(observed({ ...first, resume: { generation: 4, step: 40, held: false } }, 110_000), [
      loss(),
    ]).patch;
    expect(second.interruption).toMatchObject({ at: 99_500, step: 60, workersBefore: 2, trainedMs: 0 });
  });
});

describe('goodput', () => {
  it('counts only the steps that are in the checkpoint, of all time since the first start', () => {
    const interrupted = { ...(lost(observed(), [loss()]).patch as RunState), startedAt: 20_000, productiveMs: 0 };
    // half of the 40 steps that were trained are in the checkpoint of step 40
    const { patch } = resumeFrom(observed(interrupted), { step: 40, refused: [] });
    expect(patch.productiveMs).toBe(30_000);
    const resumed = {
      ...observed().state,
      ...interrupted,
      ...patch,
      workers: [{ rank: 0, workerId: 'w0', host: 'h' }],
    };
    const back = training(observed(resumed as RunState, 120_000));
    expect(back.patch.goodput).toBeCloseTo(0.3);
    expect(back.lines[0].data).toEqual({
      cause: 'worker w1 (rank 1) was lost: killed',
      planned: false,
      detectedAfterSeconds: 0.5,
      resumedAfterSeconds: 20.5,
      fromStep: 40,
      stepsRepeated: 20,
      workersBefore: 2,
      workersAfter: 1,
    });
  });
});

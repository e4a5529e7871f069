import { expect, it } from '@jest/globals';
import type { Run } from '@regatta/contracts';
import { RunProgress } from './progress.js';

const run = (step: number): Run =>
  ({
    status: 'running',
    workers: [{}, {}],
    metrics: {},
    progress: { step, maxSteps: 2400, epoch: 0, etaSeconds: null },
  }) as unknown as Run;
const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();

it('counts steps and the time left by the points that come, for the run itself is told only when its status changes', () => {
  const progress = new RunProgress(run(1));
  expect(progress.line()).toContain('step 1/2400');
  for (let step = 101; step <= 140; step++) progress.add({ name: 'train.loss', step, value: 6, time: at(step / 10) });
  expect(progress.step).toBe(140);
  expect(progress.secondsLeft).toBeCloseTo(226, 0);
  expect(progress.line()).toMatch(/^step 140\/2400 · loss 6\.000 · .* · 2 workers · 3m/);
});

it('says no time before there is a pace', () => {
  const progress = new RunProgress(run(0));
  progress.add({ name: 'train.loss', step: 1, value: 7, time: at(1) });
  expect(progress.secondsLeft).toBeNull();
});

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

it('tells each metric of an evaluation beside its baseline', () => {
  const progress = new RunProgress(run(1));
  const add = (name: string, value: number) => progress.add({ name, step: 10, value, time: at(1) });
  for (const [name, value] of Object.entries({
    'validation.bleu': 23.45,
    'validation.baseline.bleu': 3,
    'validation.loss': 1.5,
    'train.accuracy': 0.25,
  }))
    add(name, value);
  expect(progress.evaluation()).toBe('bleu 23.450 (baseline 3.000) · loss 1.500');
  expect(progress.line()).toContain(' · accuracy 25.0 % · ');
  add('validation.mlm.loss', 5);
  add('validation.nsp.loss', 0.5);
  expect(progress.evaluation()).toBe('masked words 5.000 (unigram floor –) · next sentence 0.500 (guessing –)');
});

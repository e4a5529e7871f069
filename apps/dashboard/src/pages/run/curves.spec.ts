import { describe, expect, it } from '@jest/globals';
import { RunFeed } from '../../live/run-feed.js';
import { metricCurves, recoveryBands, stepTimeCurves } from './curves.js';

const start = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();
const event = (id: string, type: string, seconds: number, data: Record<string, unknown>) => ({
  id,
  type,
  time: at(seconds),
  step: 0,
  generation: 1,
  message: type,
  data,
});

describe('metricCurves', () => {
  const feed = new RunFeed();
  for (let step = 1; step <= 4; step++) {
    feed.addPoint('train.loss', { step, value: 9, time: at(step * 2) });
    feed.addPoint('train.mlm.loss', { step, value: 8 - step, time: at(step * 2) });
  }
  feed.addPoint('validation.mlm.loss', { step: 4, value: 5, time: at(9) });
  feed.addPoint('validation.baseline.mlm.loss', { step: 4, value: 6.65, time: at(9) });

  it('gives raw, average, held-out points and the baseline across', () => {
    const curves = metricCurves(feed, 'mlm.loss', { x: 'step', smoothing: 0.5, start });
    expect(curves.map(({ label }) => label)).toEqual(['training (raw)', 'training', 'held out', 'baseline']);
    expect(curves[0].y).toEqual([7, 6, 5, 4]);
    expect(curves[3]).toMatchObject({ x: [1, 4], y: [6.65, 6.65] });
  });

  it('counts time from the start of the run', () => {
    const [training] = metricCurves(feed, 'mlm.loss', { x: 'time', smoothing: 0, start });
    expect(training.x).toEqual([2, 4, 6, 8]);
  });
});

describe('stepTimeCurves', () => {
  it('gives each rank in order, in seconds', () => {
    const feed = new RunFeed();
    for (const rank of [1, 0]) {
      feed.addPoint(`rank.${rank}.computeMs`, { step: 1, value: 200 + rank, time: at(1) });
      feed.addPoint(`rank.${rank}.allReduceMs`, { step: 1, value: 20, time: at(1) });
    }
    const curves = stepTimeCurves(feed, { x: 'step', smoothing: 0, start });
    expect(curves.map(({ label, y }) => [label, y[0]])).toEqual([
      ['rank 0 compute', 0.2],
      ['rank 0 exchange', 0.02],
      ['rank 1 compute', 0.201],
      ['rank 1 exchange', 0.02],
    ]);
  });
});

describe('recoveryBands', () => {
  const events = [
    event('1', 'worker-lost', 10, { rank: 1 }),
    event('2', 'recovering', 10, { step: 70 }),
    event('3', 'resumed', 13, { resumedAfterSeconds: 3.2, fromStep: 50, stepsRepeated: 20 }),
  ];
  it('covers the repeated steps, or the time that was lost', () => {
    expect(recoveryBands(events, { x: 'step', smoothing: 0, start })).toEqual([
      { from: 50, to: 70, label: 'rank 1 lost, 3.2 s', sentence: 'worker-lost resumed' },
    ]);
    expect(recoveryBands(events, { x: 'time', smoothing: 0, start })).toEqual([
      { from: 9.8, to: 13, label: 'rank 1 lost, 3.2 s', sentence: 'worker-lost resumed' },
    ]);
  });
});

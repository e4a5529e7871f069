import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type LabResult, labResult, newId, type RunSpec, runConfig } from '@regatta/contracts';
import { type ArtifactStore, openStore } from '@regatta/storage';
import { metricsOf, numbersOf, trainInMemory } from '../../../../../test/support/train-in-memory.js';
import type { StopRequest } from '../../train.js';
import { logSlope, pathLength } from './layer-comparison.js';
import { offsetMap, residual } from './positions.js';

let folder: string;
let store: ArtifactStore;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'regatta-lab-'));
  store = openStore(`file://${folder}`);
});
afterAll(() => rm(folder, { recursive: true }));

const specOf = (lab: Record<string, unknown>, seed = 1): RunSpec => ({
  runId: newId(),
  config: runConfig.parse({ task: 'attention-lab', lab, seed }),
  dataset: null,
  base: null,
  createdAt: new Date().toISOString(),
});

async function run<E extends LabResult['experiment']>(lab: { experiment: E } & Record<string, unknown>, seed?: number) {
  const { entries, outcomes } = await trainInMemory(store, specOf(lab, seed), 1);
  const samples = entries.flatMap((entry) => (entry.type === 'samples' ? entry : []));
  expect(samples.map(({ kind, step }) => ({ kind, step }))).toEqual([{ kind: 'lab', step: samples[0].step }]);
  expect(entries.some(({ type }) => type === 'model')).toBe(false);
  const result = labResult.parse(samples[0].data) as Extract<LabResult, { experiment: E }>;
  expect(result.experiment).toBe(lab.experiment);
  return { numbers: numbersOf(entries), result, outcomes, step: samples[0].step };
}

describe('nadaraya-watson', () => {
  it('learns a narrower kernel leave-one-out, which fits the points and the true function better', async () => {
    const { numbers, result, step } = await run({ experiment: 'nadaraya-watson' });
    const losses = [1, 2, 3, 4, 5].map((i) => numbers[`${i} train.loss`] as number);
    expect(losses).toEqual(losses.toSorted((a, b) => b - a));
    expect(losses[4]).toBeLessThan(0.8 * losses[0]);
    expect(numbers['1 train.w']).toBeGreaterThan(1);
    expect(step).toBe(5);
    expect(result.w).toBe(numbers['5 train.w']);
    expect(numbers['5 validation.loss']).toBeLessThan(numbers['1 validation.loss'] as number);
    expect(numbers['5 validation.loss']).toBeLessThan(numbers['5 validation.baseline.loss'] as number);
  });

  it('draws 50 points by x, both fits, and weights whose rows sum to 1 and are sharper afterwards', async () => {
    const { result } = await run({ experiment: 'nadaraya-watson', examples: 30 });
    expect(result.points.x).toHaveLength(30);
    expect(result.points.x).toEqual(result.points.x.toSorted((a, b) => a - b));
    const misses = (fit: { y: number[] }) => fit.y.reduce((sum, y, i) => sum + (y - result.truth.y[i]) ** 2, 0);
    expect(misses(result.after)).toBeLessThan(misses(result.before));
    for (const weights of [result.weightsBefore, result.weightsAfter]) {
      expect(weights).toHaveLength(50);
      for (const row of weights) expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
    }
    const sharpest = (weights: number[][]) => Math.max(...weights[25]);
    expect(sharpest(result.weightsAfter)).toBeGreaterThan(sharpest(result.weightsBefore));
  });

  it('is the same to the last bit again, and another with another seed', async () => {
    const lab = { experiment: 'nadaraya-watson' as const, examples: 7, noise: 1, epochs: 3, learningRate: 0.1 };
    const [one, same, other] = [await run(lab), await run(lab), await run(lab, 2)];
    expect(same.numbers).toEqual(one.numbers);
    expect(same.result).toEqual(one.result);
    expect(same.outcomes[0].weightsSha256).toBe(one.outcomes[0].weightsSha256);
    expect(other.numbers['1 train.loss']).not.toBe(one.numbers['1 train.loss']);
  });
});

describe('a lab run that is interrupted', () => {
  it.each([
    { experiment: 'nadaraya-watson', epochs: 4, examples: 7 },
    { experiment: 'positions', length: 5, hiddenSize: 4 },
  ])('$experiment: goes on from its checkpoint to the same end', async (lab) => {
    const whole = await trainInMemory(store, specOf(lab), 1);
    const spec = specOf(lab);
    const controller = new AbortController();
    const request: StopRequest = { reason: 'drain', checkpoint: true };
    await trainInMemory(store, spec, 1, { signal: controller.signal, onStep: () => controller.abort(request) });
    const rest = await trainInMemory(store, spec, 1, { resume: 1 });
    const last = Math.max(...metricsOf(whole.entries).map(({ step }) => step));
    const end = ({ entries }: typeof whole) =>
      Object.entries(numbersOf(entries)).filter(([name]) => name.startsWith(`${last} `));
    expect(end(rest)).toEqual(end(whole));
    expect(rest.outcomes).toEqual(whole.outcomes);
  });
});

describe('positions', () => {
  it('shows the matrix, and a map that moves every position by the offset', async () => {
    const { result, numbers } = await run({ experiment: 'positions', length: 11, hiddenSize: 6, offset: 3 });
    expect(result.matrix).toHaveLength(11);
    expect(result.matrix[0]).toEqual([0, 1, 0, 1, 0, 1]);
    expect(result.matrix[2][0]).toBeCloseTo(Math.sin(2), 5);
    expect(result.matrix[2][5]).toBeCloseTo(Math.cos(2 / 10_000 ** (4 / 6)), 5);
    expect(new Set(result.matrix.map(String)).size).toBe(11);
    expect(result.residual).toBeLessThan(1e-5);
    expect(numbers['1 validation.residual']).toBe(result.residual);
    result.matrix.slice(0, 8).forEach((row, i) => {
      result.map.forEach((weights, dimension) => {
        const moved = weights.reduce((sum, weight, k) => sum + weight * row[k], 0);
        expect(moved).toBeCloseTo(result.matrix[i + 3][dimension], 4);
      });
    });
  });

  it('measures a residual that is large for the map of another offset', () => {
    const table = Float32Array.from({ length: 24 }, (_, at) => {
      const angle = Math.floor(at / 4) / (at % 4 < 2 ? 1 : 100);
      return at % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    });
    const sizes = { length: 4, delta: 2, width: 4 };
    expect(residual(table, offsetMap(2, 4), sizes)).toBeLessThan(1e-6);
    expect(residual(table, offsetMap(1, 4), sizes)).toBeGreaterThan(0.1);
  });
});

describe('layer-comparison', () => {
  it("measures each layer's time, operations and path, and trains nothing", async () => {
    const lab = {
      experiment: 'layer-comparison',
      lengths: [9, 4, 130],
      hiddenSize: 8,
      kernelSize: 5,
      repeats: 2,
    } as const;
    const { result, numbers } = await run(lab);
    const of = Object.fromEntries(result.layers.map(({ layer, ...rest }) => [layer, rest]));
    expect(Object.keys(of).sort()).toEqual(['cnn', 'rnn', 'self-attention']);
    for (const { points, slope } of result.layers) {
      expect(points.map(({ length }) => length)).toEqual([4, 9, 130]);
      for (const { milliseconds } of points) expect(milliseconds).toBeGreaterThan(0);
      expect(Number.isFinite(slope)).toBe(true);
    }
    const column = (layer: string, key: 'flops' | 'pathLength') => of[layer].points.map((point) => point[key]);
    expect(column('self-attention', 'flops')).toEqual([512, 2592, 540_800]);
    expect(column('rnn', 'flops')).toEqual([3072, 6912, 99_840]);
    expect(column('cnn', 'flops')).toEqual([2560, 5760, 83_200]);
    expect(column('self-attention', 'pathLength')).toEqual([1, 1, 1]);
    expect(column('rnn', 'pathLength')).toEqual([4, 9, 130]);
    expect(column('cnn', 'pathLength')).toEqual([2, 4, 65]);
    // nothing of this depends on the machine's speed
    const { numbers: again } = await run(lab);
    expect(again).toEqual(numbers);
    expect(Object.keys(numbers)).toEqual(['1 train.gradNorm', '1 train.learningRate']);
  }, 30_000);

  it('finds the power of n that a time grows with', () => {
    const points = [4, 16, 100, 150].map((length) => ({ length, milliseconds: 3 * length ** 2 }));
    expect(logSlope(points)).toBeCloseTo(2, 5);
    expect(logSlope([{ length: 1, milliseconds: 50 }, ...points])).toBeCloseTo(2, 5);
  });

  it('counts the layers that a signal needs from end to end', () => {
    expect(pathLength(1, { entry: 0 }, 10)).toBe(9);
    expect(pathLength(4, { entry: 0 }, 10)).toBe(3);
    expect(pathLength(null, { entry: 0 }, 10)).toBe(1);
  });
});

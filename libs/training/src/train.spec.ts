import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunSpec } from '@regatta/contracts';
import { type ArtifactStore, openStore } from '@regatta/storage';
import { pretrainingSpec, sampleText } from '../../../test/support/pretraining.js';
import { metricsOf, numbersOf, type TrainChanges, trainInMemory } from '../../../test/support/train-in-memory.js';
import type { PreparedTask } from './task.js';
import type { StopRequest, TrainOutcome } from './train.js';

let folder: string;
let store: ArtifactStore;
let sha256: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'regatta-train-'));
  store = openStore(`file://${folder}`);
  ({ sha256 } = await store.putBlob(Buffer.from(sampleText())));
}, 60_000);
afterAll(() => rm(folder, { recursive: true }), 60_000);

const run = (spec: RunSpec, worldSize: number, changes?: TrainChanges) =>
  trainInMemory(store, spec, worldSize, changes);

const weights = (outcomes: TrainOutcome[]): (string | null)[] => outcomes.map((outcome) => outcome.weightsSha256);

/** Aborts with the request as soon as rank 0 has told step `step`. */
function stopAt(step: number, request: StopRequest) {
  const controller = new AbortController();
  const onStep = (done: number) => {
    if (done === step) controller.abort(request);
  };
  return { signal: controller.signal, onStep };
}

describe('train, bert-debug with dropout', () => {
  it('gives the same losses and weights to the last bit on 1, 2, 3 and 4 ranks, and others for another seed', async () => {
    const spec = pretrainingSpec(sha256, { training: { globalBatchSize: 32, microBatchSize: 2 } });
    const one = await run(spec, 1);
    expect(Object.keys(numbersOf(one.entries)).filter((name) => name.endsWith('train.loss'))).toHaveLength(12);
    for (const worldSize of [2, 3, 4]) {
      const more = await run({ ...spec, runId: pretrainingSpec(sha256).runId }, worldSize);
      expect(numbersOf(more.entries)).toEqual(numbersOf(one.entries));
      expect(new Set(weights(more.outcomes))).toEqual(new Set(weights(one.outcomes)));
    }
    const other = await run(pretrainingSpec(sha256, { seed: 2, training: { globalBatchSize: 32 } }), 2);
    expect(numbersOf(other.entries)['1 train.loss']).not.toBe(numbersOf(one.entries)['1 train.loss']);
    expect(weights(other.outcomes)[0]).not.toBe(weights(one.outcomes)[0]);
  }, 120_000);

  it.each(['bf16', 'int8'] as const)(
    'gives the same losses and weights on 1, 2, 3 and 4 ranks with gradients as %s, close to the exact ones',
    async (compression) => {
      const training = { globalBatchSize: 32 };
      const spec = pretrainingSpec(sha256, { training, distributed: { compression } });
      const one = await run(spec, 1);
      const more = await run({ ...spec, runId: pretrainingSpec(sha256).runId }, 4);
      expect(numbersOf(more.entries)).toEqual(numbersOf(one.entries));
      expect(new Set(weights(more.outcomes))).toEqual(new Set(weights(one.outcomes)));
      const parted = { ...spec, runId: pretrainingSpec(sha256).runId };
      const before = await run(parted, 3, stopAt(5, { reason: 'drain', checkpoint: true }));
      const after = await run(parted, 2, { resume: before.outcomes[0].step });
      expect(numbersOf([...before.entries, ...after.entries])).toEqual(numbersOf(one.entries));
      expect(new Set(weights(after.outcomes))).toEqual(new Set(weights(one.outcomes)));
      const exact = await run(pretrainingSpec(sha256, { training }), 1);
      expect(weights(exact.outcomes)[0]).not.toBe(weights(one.outcomes)[0]);
      const difference = (name: string) =>
        Math.abs((numbersOf(one.entries)[name] as number) - (numbersOf(exact.entries)[name] as number));
      // the losses behind the gradient are not rounded, nor are the weights that they come from
      expect(difference('1 train.loss')).toBe(0);
      expect(difference('12 train.loss')).toBeLessThan(0.02);
    },
    300_000,
  );

  it('writes a checkpoint only when all metrics up to its step are kept for good', async () => {
    const told: number[] = [];
    let kept = 0;
    const written: [step: number, kept: number][] = [];
    const watched: ArtifactStore = {
      ...store,
      writeCheckpoint: (runId, step, ...rest) => {
        written.push([step, kept]);
        return store.writeCheckpoint(runId, step, ...rest);
      },
    };
    await run(pretrainingSpec(sha256), 1, {
      store: watched,
      report: async (entry) => void (entry.type === 'metrics' && told.push(entry.step)),
      reported: async () => {
        kept = Math.max(...told);
      },
    });
    expect(written).toEqual([
      [4, 4],
      [8, 8],
      [12, 12],
    ]);
  }, 300_000);

  it('goes on from a checkpoint as if nothing had happened, over the end of an epoch and with another world size', async () => {
    const training = { maxSteps: 40, checkpointEvery: 9, evaluateEvery: 7 };
    const whole = await run(pretrainingSpec(sha256, { training }), 1);
    const spec = pretrainingSpec(sha256, { training });
    const before = await run(spec, 2, stopAt(20, { reason: 'drain', checkpoint: true }));
    expect(before.outcomes.map(({ kind }) => kind)).toEqual(['stopped', 'stopped']);
    const { step } = before.outcomes[0];
    expect(step).toBeGreaterThanOrEqual(20);
    expect(step).toBeLessThanOrEqual(21);
    const after = await run(spec, 3, { resume: step });
    expect(numbersOf([...before.entries, ...after.entries])).toEqual(numbersOf(whole.entries));
    expect(weights(after.outcomes)[2]).toBe(weights(whole.outcomes)[0]);
    expect(metricsOf(after.entries)[0].step).toBe(step);
  }, 120_000);

  it('goes on as the run of another id, from a copy of its checkpoint, as that one would have', async () => {
    const parent = pretrainingSpec(sha256);
    const whole = await run(parent, 1);
    const fork = pretrainingSpec(sha256);
    const { files, metadata } = await store.readCheckpoint(parent.runId, 8);
    await store.writeCheckpoint(fork.runId, 8, files, metadata);
    const forked = await run(fork, 2, { resume: 8 });
    expect(weights(forked.outcomes)).toEqual([weights(whole.outcomes)[0], weights(whole.outcomes)[0]]);
    const after = Object.entries(numbersOf(whole.entries)).filter(([name]) => Number(name.split(' ')[0]) >= 8);
    expect(numbersOf(forked.entries)).toEqual(Object.fromEntries(after));

    const slower = pretrainingSpec(sha256, { optimizer: { learningRate: 1e-5 } });
    await store.writeCheckpoint(slower.runId, 8, files, metadata);
    expect(weights((await run(slower, 1, { resume: 8 })).outcomes)[0]).not.toBe(weights(whole.outcomes)[0]);
  }, 300_000);

  it('tells all metrics up to a step before its checkpoint, keeps the last three and the best, and ends with the model', async () => {
    const { entries, outcomes } = await run(
      pretrainingSpec(sha256, { training: { maxSteps: 20, evaluateEvery: 4 } }),
      2,
    );
    let told = 0;
    for (const entry of entries) {
      if (entry.type === 'metrics' && 'train.loss' in entry.values) told = entry.step;
      if (entry.type === 'checkpoint' && !entry.removed) expect(told).toBe(entry.step);
    }
    const saved = entries.filter((entry) => entry.type === 'checkpoint');
    const kept = saved.filter(({ removed }) => !removed).map(({ step }) => step);
    expect(kept).toEqual([4, 8, 12, 16, 20]);
    const loss = (step: number) => saved.find((one) => one.step === step)?.metrics['validation.loss'] as number;
    const best = kept.reduce((a, b) => (loss(b) < loss(a) ? b : a));
    const gone = saved.filter(({ removed }) => removed).map(({ step }) => step);
    expect(gone).toEqual([4, 8].filter((step) => step !== best));
    expect((await store.listCheckpoints(saved[0].runId)).sort()).toEqual(
      kept.filter((step) => !gone.includes(step)).sort(),
    );
    const last = entries.at(-1);
    expect(last).toMatchObject({ type: 'model', step: 20, weightsSha256: outcomes[0].weightsSha256 });
    expect(saved.find(({ step }) => step === 20)?.weightsSha256).toBe(outcomes[0].weightsSha256);
  }, 300_000);

  it('learns: the held-out loss falls below the unigram floor', async () => {
    const spec = pretrainingSpec(sha256, {
      model: { hiddenDropoutProb: 0, attentionProbsDropoutProb: 0 },
      training: { maxSteps: 300, evaluateEvery: 300, globalBatchSize: 32 },
      optimizer: { learningRate: 1.2e-2, warmupSteps: 20 },
    });
    const { entries } = await run(spec, 1);
    const at = (name: string) => numbersOf(entries)[`300 validation.${name}`] as number;
    expect(at('mlm.loss')).toBeLessThan(at('baseline.mlm.loss') - 0.8);
    expect(at('baseline.nsp.loss')).toBeCloseTo(Math.LN2, 12);
    expect(at('loss')).toBeCloseTo(at('mlm.loss') + at('nsp.loss'), 12);
  }, 300_000);

  it('stops early when the held-out loss no longer improves', async () => {
    const spec = pretrainingSpec(sha256, {
      training: { maxSteps: 500, evaluateEvery: 2, earlyStopping: { metric: 'validation.loss', patience: 3 } },
      optimizer: { learningRate: 0.3, warmupSteps: 0 },
    });
    const { outcomes, entries } = await run(spec, 2);
    expect(outcomes[0].kind).toBe('finished');
    expect(outcomes[0].step).toBeLessThan(500);
    const losses = metricsOf(entries).flatMap(({ values }) => values['validation.loss'] ?? []);
    expect(Math.min(...losses.slice(0, -3))).toBeLessThanOrEqual(Math.min(...losses.slice(-3)));
  }, 300_000);

  it.each(['none', 'int8'] as const)(
    'completes a step whose gradient is not finite without changing anything, counts it, and gives up after ten in a row (compression: %s)',
    async (compression) => {
      const spoil = (from: number, to: number) => (task: PreparedTask, rank: number) => {
        const { epoch } = task;
        task.epoch = (e) => {
          const work = epoch(e);
          const step = (index: number, number: number) => {
            const inner = work.step(index, number);
            const spoils = rank === 0 && number >= from && number <= to;
            const run = async (shard: number, micro: number) => {
              const sums = await inner.run(shard, micro);
              if (spoils && shard === 0) task.space.g[3] = Number.POSITIVE_INFINITY;
              return sums;
            };
            return { ...inner, run };
          };
          return { ...work, step };
        };
      };
      const spec = pretrainingSpec(sha256, { distributed: { compression } });
      const { outcomes, entries } = await run(spec, 2, { meddle: spoil(4, 5) });
      expect(outcomes.map(({ kind }) => kind)).toEqual(['finished', 'finished']);
      const at = numbersOf(entries);
      expect(at['4 train.gradNorm']).toBeNull();
      expect(at['12 train.loss']).toBeGreaterThan(0);
      const warned = entries.filter((entry) => entry.type === 'event').map(({ event, step }) => `${event} ${step}`);
      expect(warned).toEqual(['warning 4', 'warning 5']);
      const state = JSON.parse((await store.readCheckpoint(spec.runId, 12)).files['state.json'].toString()).state;
      expect(state).toMatchObject({ step: 12, updates: 10, skipped: 2, skippedInARow: 0 });
      const endless = run(pretrainingSpec(sha256, { training: { maxSteps: 50 }, distributed: { compression } }), 2, {
        meddle: spoil(3, 50),
      });
      await expect(endless).rejects.toMatchObject({ code: 'not-finite', message: expect.stringContaining('step 12') });
    },
    300_000,
  );

  it('says so when a checkpoint was made by another engine or version', async () => {
    const spec = pretrainingSpec(sha256);
    const stopped = await run(spec, 1, stopAt(6, { reason: 'cancel', checkpoint: true }));
    const resumed = await run(spec, 1, { resume: stopped.outcomes[0].step, fingerprint: 'b' });
    const event = resumed.entries.find((entry) => entry.type === 'event');
    expect(event).toMatchObject({ event: 'fingerprint-changed', data: { before: ['a', '1'], now: ['b', '1'] } });
  }, 300_000);

  it('refuses to train together on different data', async () => {
    const differ = (task: PreparedTask, rank: number) => {
      const { epoch } = task;
      task.epoch = (e) => epoch(e + rank);
    };
    await expect(run(pretrainingSpec(sha256), 2, { meddle: differ })).rejects.toMatchObject({ code: 'disagreement' });
  }, 300_000);
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ArtifactStore, decodeSafetensors, openStore } from '@regatta/storage';
import { pretrainingSpec, sampleText } from '../../../test/support/pretraining.js';
import { metricsOf, numbersOf, trainInMemory } from '../../../test/support/train-in-memory.js';
import { dueWithin, roundLength } from './local-steps.js';
import type { PreparedTask } from './task.js';
import type { StopRequest, TrainOutcome } from './train.js';

let folder: string;
let store: ArtifactStore;
let sha256: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'regatta-local-steps-'));
  store = openStore(`file://${folder}`);
  ({ sha256 } = await store.putBlob(Buffer.from(sampleText(10))));
});
afterAll(() => rm(folder, { recursive: true }));

const weights = (outcomes: TrainOutcome[]): (string | null)[] => outcomes.map((outcome) => outcome.weightsSha256);

/** Rounds of four steps, the last of two, over the end of an epoch; two micro-batches a shard. */
const spec = (localSteps = 4) =>
  pretrainingSpec(sha256, {
    training: { maxSteps: 14, globalBatchSize: 8, microBatchSize: 1, evaluateEvery: 6, checkpointEvery: 7 },
    distributed: { localSteps, logicalShards: 4 },
  });

describe('rounds', () => {
  it('end at multiples of localSteps and with the run, whatever step it goes on from', () => {
    expect([0, 4, 36, 5].map((done) => roundLength(done, 4, 38))).toEqual([4, 4, 2, 3]);
    expect([0, 1, 37].map((done) => roundLength(done, 1, 38))).toEqual([1, 1, 1]);
  });

  it('evaluate at their end what became due in them, once', () => {
    const due = (every: number, steps: number[], localSteps: number) =>
      steps.filter((step) => dueWithin(step, every, localSteps));
    expect(due(6, [4, 8, 12, 16, 20, 24], 4)).toEqual([8, 12, 20, 24]);
    expect(due(2, [4, 8], 4)).toEqual([4, 8]);
    expect(due(3, [1, 2, 3, 4, 5, 6], 1)).toEqual([3, 6]);
  });
});

describe('train with local steps, bert-debug with dropout', () => {
  it('gives the same losses and weights to the last bit on 1, 2, 3 and 4 ranks, other ones than without', async () => {
    const one = await trainInMemory(store, spec(), 1);
    const names = Object.keys(numbersOf(one.entries));
    expect(names.filter((name) => name.endsWith(' train.loss'))).toHaveLength(14);
    const evaluated = names
      .filter((name) => name.endsWith(' validation.loss'))
      .map((name) => Number.parseInt(name, 10));
    expect(evaluated.sort((a, b) => a - b)).toEqual([8, 12, 14]);
    const saved = one.entries.flatMap((entry) => (entry.type === 'checkpoint' && !entry.removed ? [entry.step] : []));
    expect(saved).toEqual([8, 14]);
    for (const worldSize of [2, 3, 4]) {
      const more = await trainInMemory(store, spec(), worldSize);
      expect(numbersOf(more.entries)).toEqual(numbersOf(one.entries));
      expect(new Set(weights(more.outcomes))).toEqual(new Set(weights(one.outcomes)));
    }
    const without = await trainInMemory(store, spec(1), 1);
    expect(numbersOf(without.entries)['1 train.loss']).toBe(numbersOf(one.entries)['1 train.loss']);
    expect(weights(without.outcomes)[0]).not.toBe(weights(one.outcomes)[0]);
  }, 300_000);

  it('leaves after a round, and goes on from its checkpoint with another number of ranks as if nothing had happened', async () => {
    const whole = await trainInMemory(store, spec(), 1);
    const stopped = spec();
    const controller = new AbortController();
    const request: StopRequest = { reason: 'drain', checkpoint: true };
    const before = await trainInMemory(store, stopped, 2, {
      signal: controller.signal,
      onStep: (step) => void (step >= 8 && controller.abort(request)),
    });
    const { step } = before.outcomes[0];
    expect(step % 4).toBe(0);
    const { files } = await store.readCheckpoint(stopped.runId, step);
    const outer = Array.from(decodeSafetensors(files['optimizer.safetensors'])).filter(([name]) =>
      name.endsWith('.outer_momentum'),
    );
    expect(outer.some(([, { data }]) => data.some((value) => value !== 0))).toBe(true);
    const after = await trainInMemory(store, stopped, 3, { resume: step });
    expect(numbersOf([...before.entries, ...after.entries])).toEqual(numbersOf(whole.entries));
    expect(weights(after.outcomes)).toEqual(Array(3).fill(weights(whole.outcomes)[0]));
  }, 300_000);

  it('holds the state that the round began with until the exchange is complete, and tells what a step costs in the mean', async () => {
    const tasks: PreparedTask[] = [];
    const held = () => (['w', 'm', 'v', 'o'] as const).map((region) => tasks[0].space.views[region].slice());
    let before: Float32Array[] = [];
    let rounds = 0;
    const { entries } = await trainInMemory(store, spec(), 1, {
      meddle: (task) => void tasks.push(task),
      onActivity: (activity) => {
        if (activity === 'computing') before = held();
        if (activity !== 'exchanging') return;
        rounds += 1;
        expect(held()).toEqual(before);
      },
    });
    expect(rounds).toBe(4);
    const told = (name: string) => metricsOf(entries).flatMap(({ step, values }) => (name in values ? [step] : []));
    expect(told('rank.0.computeMs')).toEqual([4, 8, 12, 14]);
    expect(told('rank.0.waitMs')).toEqual([4, 12]);
  }, 300_000);

  it('lets a round change nothing in which a gradient of one shard was not finite', async () => {
    const spoil = (task: PreparedTask) => {
      const { epoch } = task;
      task.epoch = (e) => {
        const work = epoch(e);
        const step = (index: number, number: number) => {
          const inner = work.step(index, number);
          const run = async (shard: number, micro: number) => {
            const sums = await inner.run(shard, micro);
            if (number === 6 && shard === 3) task.space.g[3] = Number.POSITIVE_INFINITY;
            return sums;
          };
          return { ...inner, run };
        };
        return { ...work, step };
      };
    };
    const spoilt = spec();
    const { entries } = await trainInMemory(store, spoilt, 2, { meddle: spoil });
    const at = numbersOf(entries);
    expect([5, 6, 7, 9].map((step) => at[`${step} train.gradNorm`] === null)).toEqual([false, true, false, false]);
    const warned = entries.flatMap((entry) => (entry.type === 'event' ? [`${entry.step} ${entry.message}`] : []));
    expect(warned).toEqual(['8 The round of steps 5 to 8 changed nothing: a gradient was not finite (1 in a row).']);
    const state = JSON.parse((await store.readCheckpoint(spoilt.runId, 14)).files['state.json'].toString()).state;
    expect(state).toMatchObject({ step: 14, updates: 10, skipped: 4, skippedInARow: 0 });
  }, 300_000);
});

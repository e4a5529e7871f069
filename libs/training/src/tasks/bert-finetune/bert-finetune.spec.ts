import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { DatasetKind, RunSpec } from '@regatta/contracts';
import { type ArtifactStore, decodeSafetensors, openStore } from '@regatta/storage';
import type { Example } from '@regatta/text';
import { examplesFile, finetuningSpec, sampleExamples } from '../../../../../test/support/finetuning.js';
import { metricsOf, numbersOf, type TrainChanges, trainInMemory } from '../../../../../test/support/train-in-memory.js';

jest.setTimeout(60_000);

let folder: string;
let store: ArtifactStore;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'regatta-finetune-'));
  store = openStore(`file://${folder}`);
});
afterAll(() => rm(folder, { recursive: true }));

const stored = async (examples: readonly Example[]) => (await store.putBlob(examplesFile(examples))).sha256;
const run = (spec: RunSpec, worldSize = 1, changes?: TrainChanges) => trainInMemory(store, spec, worldSize, changes);
const kinds = ['classification', 'pair-classification', 'regression', 'tagging', 'question-answering'] as const;
const withoutDropout = { hiddenDropoutProb: 0, attentionProbsDropoutProb: 0 };

const weightsOf = async (spec: RunSpec, step: number) =>
  decodeSafetensors((await store.readCheckpoint(spec.runId, step)).files['model.safetensors']);
const lastOf = (entries: Awaited<ReturnType<typeof run>>['entries'], name: string) =>
  metricsOf(entries)
    .map(({ values }) => values[name])
    .findLast((value) => value !== undefined) as number;

describe.each(kinds)('fine-tuning on %s', (kind) => {
  it('gives the same bits on 1, 2 and 3 ranks with dropout, and when resumed from a checkpoint', async () => {
    const sha256 = await stored(sampleExamples(kind, 70));
    const spec = () => finetuningSpec(kind, sha256, { distributed: { logicalShards: 4, maxWorkers: 4 } });
    const one = await run(spec());
    expect(Object.keys(numbersOf(one.entries)).filter((name) => name.endsWith('train.loss'))).toHaveLength(10);
    for (const worldSize of [2, 3]) {
      const more = await run(spec(), worldSize);
      expect(numbersOf(more.entries)).toEqual(numbersOf(one.entries));
      expect(new Set(more.outcomes.map((outcome) => outcome.weightsSha256))).toEqual(
        new Set([one.outcomes[0].weightsSha256]),
      );
    }
    const halves = spec();
    const controller = new AbortController();
    const stop = { reason: 'drain', checkpoint: true } as const;
    const before = await run(halves, 2, {
      signal: controller.signal,
      onStep: (step) => void (step === 4 && controller.abort(stop)),
    });
    const { step } = before.outcomes[0];
    expect(step).toBeLessThan(8);
    const after = await run(halves, 3, { resume: step });
    expect(numbersOf([...before.entries, ...after.entries])).toEqual(numbersOf(one.entries));
    expect(after.outcomes[0].weightsSha256).toBe(one.outcomes[0].weightsSha256);
  });

  it('overfits 8 examples to a loss below 0.01', async () => {
    const examples = sampleExamples(kind, 10).map((example, i) => ({
      ...example,
      split: i < 8 ? ('train' as const) : ('validation' as const),
    }));
    const spec = finetuningSpec(kind, await stored(examples), {
      model: withoutDropout,
      training: { maxSteps: 80, globalBatchSize: 8, evaluateEvery: 100, checkpointEvery: 100 },
      optimizer: { learningRate: 5e-3, schedule: 'constant' },
      distributed: { logicalShards: 1, maxWorkers: 1 },
    });
    const { entries } = await run(spec);
    expect(lastOf(entries, 'train.loss')).toBeLessThan(0.01);
    if (kind !== 'regression') expect(lastOf(entries, 'train.accuracy')).toBe(1);
  });
});

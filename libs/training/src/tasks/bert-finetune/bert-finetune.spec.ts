import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { RunSpec } from '@regatta/contracts';
import { type ArtifactStore, decodeSafetensors, openStore } from '@regatta/storage';
import type { Example } from '@regatta/text';
import { examplesFile, finetuningSpec, sampleExamples } from '../../../../../test/support/finetuning.js';
import { pretrainingSpec, sampleText } from '../../../../../test/support/pretraining.js';
import { metricsOf, numbersOf, type TrainChanges, trainInMemory } from '../../../../../test/support/train-in-memory.js';

// the machine may be busy: that is no failure
jest.setTimeout(300_000);

let folder: string;
let store: ArtifactStore;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'regatta-finetune-'));
  store = openStore(`file://${folder}`);
});
afterAll(() => rm(folder, { recursive: true }));

const stored = async (examples: readonly Example[]) => (await store.putBlob(examplesFile(examples))).sha256;
const run = (spec: RunSpec, worldSize = 1, changes?: TrainChanges) => trainInMemory(store, spec, worldSize, changes);
const heads = ['classification', 'regression', 'tagging', 'question-answering'] as const;
const withoutDropout = { hiddenDropoutProb: 0, attentionProbsDropoutProb: 0 };
const alone = { logicalShards: 1, maxWorkers: 1 };

const bytesOf = (data: Float32Array | undefined) =>
  data ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.alloc(0);

type Entries = Awaited<ReturnType<typeof run>>['entries'];
const lastOf = (entries: Entries, name: string) =>
  metricsOf(entries)
    .map(({ values }) => values[name])
    .findLast((value) => value !== undefined) as number;
const samplesOf = (entries: Entries, kind: string) =>
  entries.findLast((entry) => entry.type === 'samples' && entry.kind === kind) as { data: never } | undefined;
const checkpointOf = async (spec: RunSpec, step: number) => (await store.readCheckpoint(spec.runId, step)).files;
const weightsOf = async (spec: RunSpec, step: number) =>
  decodeSafetensors((await checkpointOf(spec, step))['model.safetensors']);

describe.each(heads)('fine-tuning on %s', (kind) => {
  it('overfits 8 examples to a loss below 0.01', async () => {
    const examples = sampleExamples(kind, 10).map((example, i) => ({
      ...example,
      split: i < 8 ? ('train' as const) : ('validation' as const),
    }));
    const spec = finetuningSpec(kind, await stored(examples), {
      model: withoutDropout,
      training: { maxSteps: 80, globalBatchSize: 8, evaluateEvery: 100, checkpointEvery: 100 },
      optimizer: { learningRate: 5e-3, schedule: 'constant' },
      distributed: alone,
    });
    const { entries } = await run(spec);
    expect(lastOf(entries, 'train.loss')).toBeLessThan(0.01);
    if (kind !== 'regression') expect(lastOf(entries, 'train.accuracy')).toBe(1);
    const names = Object.keys(metricsOf(entries).at(-1)?.values ?? {});
    expect(names).toContain('validation.loss');
    for (const name of names.filter((n) => /^validation\.(?!baseline|loss)/.test(n))) {
      expect(names).toContain(name.replace('validation.', 'validation.baseline.'));
    }
  });
});

describe('a run', () => {
  it.each(['classification', 'tagging', 'question-answering'] as const)(
    'gives the same bits on 1, 2 and 3 ranks, with dropout, on %s',
    async (kind) => {
      const sha256 = await stored(sampleExamples(kind, 70));
      const training = { maxSteps: 4, evaluateEvery: 4, checkpointEvery: 4 };
      const spec = () => finetuningSpec(kind, sha256, { training, distributed: { logicalShards: 4, maxWorkers: 4 } });
      const one = await run(spec());
      expect(Object.keys(numbersOf(one.entries)).filter((name) => name.endsWith('train.loss'))).toHaveLength(4);
      for (const worldSize of [2, 3]) {
        const more = await run(spec(), worldSize);
        expect(numbersOf(more.entries)).toEqual(numbersOf(one.entries));
        for (const { weightsSha256 } of more.outcomes) expect(weightsSha256).toBe(one.outcomes[0].weightsSha256);
      }
    },
  );

  it('goes on from a checkpoint as if nothing had happened, with another number of ranks', async () => {
    const sha256 = await stored(sampleExamples('pair-classification', 70));
    const spec = () => finetuningSpec('pair-classification', sha256);
    const whole = await run(spec());
    // every held-out example, whichever of the eight shards it is in, is counted once
    const matrix = samplesOf(whole.entries, 'confusion-matrix')?.data as unknown as {
      labels: string[];
      counts: number[][];
    };
    expect(matrix.labels).toStrictEqual(['other', 'same']);
    expect(matrix.counts.flat().reduce((a, b) => a + b)).toBe(14);
    const halves = spec();
    const controller = new AbortController();
    const before = await run(halves, 2, {
      signal: controller.signal,
      onStep: (step) => void (step === 4 && controller.abort({ reason: 'drain', checkpoint: true })),
    });
    const { step } = before.outcomes[0];
    expect(step).toBeLessThan(8);
    const after = await run(halves, 3, { resume: step });
    expect(numbersOf([...before.entries, ...after.entries])).toEqual(numbersOf(whole.entries));
    expect(after.outcomes[0].weightsSha256).toBe(whole.outcomes[0].weightsSha256);
    const other = spec();
    other.config.seed = 2;
    expect((await run(other)).outcomes[0].weightsSha256).not.toBe(whole.outcomes[0].weightsSha256);
  });

  it('learns what the labels say on held-out examples, and nothing where they are shuffled', async () => {
    const examples = sampleExamples('classification', 300) as Extract<Example, { label: string; text: string }>[];
    const learnt = async (labelled: Example[]) => {
      const spec = finetuningSpec('classification', await stored(labelled), {
        model: withoutDropout,
        training: { maxSteps: 60, evaluateEvery: 60, checkpointEvery: 60 },
        optimizer: { learningRate: 4e-3 },
        distributed: alone,
      });
      return (await run(spec)).entries;
    };
    const true_ = await learnt(examples);
    expect(lastOf(true_, 'validation.accuracy')).toBeGreaterThan(0.9);
    expect(lastOf(true_, 'validation.loss')).toBeLessThan(0.5 * lastOf(true_, 'validation.baseline.loss'));
    const matrix = samplesOf(true_, 'confusion-matrix')?.data as unknown as { labels: string[]; counts: number[][] };
    expect(matrix.labels).toEqual(['animal', 'fruit']);
    expect(matrix.counts.flat().reduce((a, b) => a + b)).toBe(60);
    expect(samplesOf(true_, 'predictions')?.data).toHaveLength(20);

    const labels = examples.map(({ label }) => label);
    const shuffled = await learnt(examples.map((example, i) => ({ ...example, label: labels[(i * 71 + 13) % 300] })));
    expect(lastOf(shuffled, 'validation.accuracy')).toBeLessThan(0.7);
    expect(lastOf(shuffled, 'validation.loss')).toBeGreaterThan(lastOf(shuffled, 'validation.baseline.loss') - 0.05);
  });

  it('is refused where early stopping watches what the head does not report, or where there is one label', async () => {
    const examples = sampleExamples('classification', 20);
    const watching = (metric: string) =>
      stored(examples).then((sha256) =>
        run(
          finetuningSpec('classification', sha256, {
            training: { maxSteps: 1, earlyStopping: { metric: metric as never } },
          }),
        ),
      );
    await expect(watching('validation.exactMatch')).rejects.toThrow(/Watch one of|does not report/);
    const one = finetuningSpec(
      'classification',
      await stored(examples.map((example) => ({ ...example, label: 'x' }) as Example)),
    );
    await expect(run(one)).rejects.toMatchObject({ code: 'invalid-file' });
  });

  it('keeps its memory over 200 steps of mixed lengths', async () => {
    const examples = sampleExamples('tagging', 400) as Extract<Example, { tokens: string[] }>[];
    const mixed = examples.map(({ tokens, tags, split }, i) => ({
      split,
      tokens: Array.from({ length: 1 + (i % 3) }, () => tokens).flat(),
      tags: Array.from({ length: 1 + (i % 3) }, () => tags).flat(),
    }));
    const rss: number[] = [];
    const spec = finetuningSpec('tagging', await stored(mixed), {
      training: { maxSteps: 200, globalBatchSize: 8, maxLength: 64, evaluateEvery: 100, checkpointEvery: 1000 },
      distributed: alone,
    });
    let buckets = 0;
    await run(spec, 1, {
      meddle: (task) => {
        buckets = task.epoch(0).steps;
      },
      onStep: () => rss.push(process.memoryUsage().rss),
    });
    expect(buckets).toBeGreaterThan(3);
    expect(rss).toHaveLength(200);
    // a leaked micro-batch would be 100 kB a step, leaked activations 5 MB
    const mean = (from: number) => rss.slice(from, from + 20).reduce((a, b) => a + b) / 20;
    expect((mean(180) - mean(60)) / 2 ** 20).toBeLessThan(40);
  });
});

describe('a base', () => {
  let base: NonNullable<RunSpec['base']>;
  let baseSpec: RunSpec;
  beforeAll(async () => {
    const { sha256 } = await store.putBlob(Buffer.from(sampleText()));
    baseSpec = pretrainingSpec(sha256, { training: { maxSteps: 2, checkpointEvery: 2, evaluateEvery: 2 } });
    const { outcomes } = await run(baseSpec);
    const weightsSha256 = outcomes[0].weightsSha256 as string;
    base = { modelId: 'base', name: 'base', owner: baseSpec.runId, step: 2, weightsSha256 };
  });

  /** Names of the tensors that differ between the base and the trained model, and of those that the base does not have. */
  const changed = async (kind: 'classification' | 'tagging', model: Record<string, unknown>) => {
    const spec = finetuningSpec(kind, await stored(sampleExamples(kind, 60)), {
      base,
      model,
      training: { maxSteps: 3, checkpointEvery: 3 },
      distributed: alone,
    });
    await run(spec);
    const before = await weightsOf(baseSpec, 2);
    const after = await weightsOf(spec, 3);
    const same = (name: string) => bytesOf(before.get(name)?.data).equals(bytesOf(after.get(name)?.data));
    return { names: [...after.keys()], changed: [...after.keys()].filter((name) => !same(name)), spec };
  };

  it('gives its weights, vocabulary and sizes; all of it learns', async () => {
    const { changed: all, names, spec } = await changed('classification', {});
    expect(all).toEqual(names);
    const files = await checkpointOf(spec, 3);
    const config = JSON.parse(files['config.json'].toString());
    expect(config).toMatchObject({
      architectures: ['BertForSequenceClassification'],
      hidden_size: 32,
      max_position_embeddings: 24,
      id2label: { 0: 'animal', 1: 'fruit' },
      label2id: { animal: 0, fruit: 1 },
    });
    expect(files['vocab.txt']).toEqual((await checkpointOf(baseSpec, 2))['vocab.txt']);
    expect(JSON.parse(files['tokenizer_config.json'].toString()).model_max_length).toBe(24);
  });

  it.each([
    [['embeddings', 'encoder.0'], /^bert\.(embeddings|encoder\.layer\.0)\./],
    [['encoder.1'], /^bert\.encoder\.layer\.1\./],
    [['embeddings', 'encoder', 'pooler'], /^bert\./],
  ])('keeps every byte of %j that is frozen, and changes the rest', async (freeze, frozen) => {
    for (const kind of freeze.length > 1 ? (['classification', 'tagging'] as const) : (['tagging'] as const)) {
      const { changed: moved, names } = await changed(kind, { freeze });
      expect(moved).toEqual(names.filter((name) => !frozen.test(name)));
    }
  });

  it('is refused where a layer is frozen that it does not have, or where the head is not the dataset kind’s', async () => {
    await expect(changed('tagging', { freeze: ['encoder.7'] })).rejects.toMatchObject({ code: 'invalid' });
    const other = changed('tagging', { head: 'question-answering' });
    await expect(other).rejects.toThrow(/kind tagging cannot train a head for question-answering/);
  });
});

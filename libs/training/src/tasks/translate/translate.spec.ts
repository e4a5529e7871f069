import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { architectures, type StreamEntry, type TranslationExample } from '@regatta/contracts';
import { createEngine } from '@regatta/engine';
import { RandomStream } from '@regatta/random';
import { type ArtifactStore, openStore } from '@regatta/storage';
import { numbersOf, trainInMemory } from '../../../../../test/support/train-in-memory.js';
import {
  pairsFile,
  samplePairs,
  type TranslateSections,
  translationSpec,
} from '../../../../../test/support/translation.js';
import type { StopRequest } from '../../train.js';
import { evaluateTranslation, Translator } from '../../translator/index.js';

let folder: string;
let store: ArtifactStore;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'regatta-translate-'));
  store = openStore(`file://${folder}`);
});
afterAll(() => rm(folder, { recursive: true }));

async function specOf(pairs: readonly TranslationExample[], sections: TranslateSections = {}) {
  const { sha256 } = await store.putBlob(pairsFile(pairs));
  return translationSpec(sha256, sections);
}

const samplesOf = (entries: StreamEntry[]) =>
  entries.flatMap((entry) => (entry.type === 'samples' ? [[entry.step, entry.kind, entry.data]] : []));

/** Fewer runs of larger graphs: where nothing is said of ranks. */
const twoShards = { logicalShards: 2, maxWorkers: 2 };

/** `steps` of training, no dropout, and what the last evaluation found. */
async function learn(pairs: readonly TranslationExample[], steps: number) {
  const spec = await specOf(pairs, {
    model: { dropout: 0 },
    distributed: twoShards,
    training: { maxSteps: steps, evaluateEvery: steps, checkpointEvery: steps },
    optimizer: { learningRate: 6e-3, warmupSteps: 20 },
  });
  const numbers = numbersOf((await trainInMemory(store, spec, 1)).entries);
  return (name: string) => numbers[`${steps} validation.${name}`] as number;
}

describe.each(architectures)('translate, %s, with dropout', (architecture) => {
  it('gives the same losses, translations and weights to the last bit on 1, 2 and 3 ranks', async () => {
    const sections = { model: { architecture }, training: { microBatchSize: 1 } };
    const pairs = samplePairs(200);
    const spec = await specOf(pairs, sections);
    const one = await trainInMemory(store, spec, 1);
    expect(Object.keys(numbersOf(one.entries)).filter((name) => name.endsWith('train.loss'))).toHaveLength(12);
    expect(samplesOf(one.entries).map(([step, kind]) => `${step} ${kind}`)).toEqual([
      '6 predictions',
      '6 by-length',
      '6 signatures',
      '12 predictions',
      '12 by-length',
      '12 signatures',
    ]);
    for (const worldSize of [2, 3]) {
      const more = await trainInMemory(store, await specOf(pairs, sections), worldSize);
      expect(numbersOf(more.entries)).toEqual(numbersOf(one.entries));
      expect(samplesOf(more.entries)).toEqual(samplesOf(one.entries));
      expect(more.outcomes.map((outcome) => outcome.weightsSha256)).toEqual(
        Array(worldSize).fill(one.outcomes[0].weightsSha256),
      );
    }
  }, 300_000);

  it('goes on from a checkpoint as if nothing had happened', async () => {
    const sections = { model: { architecture }, training: { maxSteps: 14, evaluateEvery: 5, checkpointEvery: 20 } };
    const whole = await trainInMemory(store, await specOf(samplePairs(60), sections), 1);
    const spec = await specOf(samplePairs(60), sections);
    const controller = new AbortController();
    const request: StopRequest = { reason: 'drain', checkpoint: true };
    const onStep = (step: number) => {
      if (step === 8) controller.abort(request);
    };
    const before = await trainInMemory(store, spec, 1, { signal: controller.signal, onStep });
    const after = await trainInMemory(store, spec, 2, { resume: before.outcomes[0].step });
    expect(numbersOf([...before.entries, ...after.entries])).toEqual(numbersOf(whole.entries));
    expect(after.outcomes[1].weightsSha256).toBe(whole.outcomes[0].weightsSha256);
  }, 300_000);

  it('keeps its memory over 200 steps of mixed lengths', async () => {
    const spec = await specOf(samplePairs(300), {
      model: { architecture, hiddenSize: 16 },
      distributed: twoShards,
      training: { maxSteps: 200, evaluateEvery: 100, checkpointEvery: 200 },
    });
    const used: number[] = [];
    const onStep = (step: number) => {
      if (step % 50 === 0) used.push(process.memoryUsage().rss);
    };
    await trainInMemory(store, spec, 1, { onStep });
    expect(Math.max(...used) - used[1]).toBeLessThan(30 * 2 ** 20);
  }, 300_000);
});

describe('translate', () => {
  it('learns what can be learnt, and nothing of sources and targets that do not belong together', async () => {
    const pairs = samplePairs(300);
    const told = await learn(pairs, 150);
    expect(told('exactMatch')).toBeGreaterThan(0.9);
    expect(told('bleu')).toBeGreaterThan(told('baseline.bleu') + 20);
    const order = new RandomStream({ seed: 1, site: 'test.shuffle' }).permutation(pairs.length);
    const none = await learn(
      pairs.map((pair, i) => ({ ...pair, target: pairs[order[i]].target })),
      150,
    );
    expect(none('exactMatch')).toBe(0);
    expect(none('bleu')).toBeLessThan(told('baseline.bleu') / 2);
    // without a look at the source, 400 equally likely sentences of 5 to 9 words take ln 400 nats each
    expect(none('loss')).toBeGreaterThan(Math.log(400) / 9);
    expect(told('loss')).toBeLessThan(Math.log(400) / 20);
  }, 300_000);

  it('means the same step whatever its shards and micro-batches, and evaluates as its model alone does', async () => {
    const pairs = samplePairs(90).map((pair, i) => ({
      ...pair,
      split: i < 53 ? ('train' as const) : ('validation' as const),
    }));
    const cuts = [
      { logicalShards: 2, microBatchSize: 8 },
      { logicalShards: 8, microBatchSize: 1 },
    ];
    const found = [];
    for (const { logicalShards, microBatchSize } of cuts) {
      const spec = await specOf(pairs, {
        model: { dropout: 0 },
        distributed: { logicalShards, maxWorkers: 2 },
        training: { maxSteps: 5, evaluateEvery: 5, checkpointEvery: 5, microBatchSize },
      });
      const numbers = numbersOf((await trainInMemory(store, spec, 1)).entries);
      found.push(numbers);
      const { files } = await store.readCheckpoint(spec.runId, 5);
      const translator = Translator.load(createEngine('compiled'), files);
      const heldOut = pairs.filter(({ split }) => split === 'validation');
      const { metrics } = await evaluateTranslation(translator, heldOut, { beamSize: 1, lengthPenalty: 0.6 });
      await translator.dispose();
      for (const name of ['loss', 'smoothedLoss', 'accuracy', 'bleu', 'chrf']) {
        expect([name, numbers[`5 validation.${name}`]]).toEqual([name, expect.closeTo(metrics[name], 4)]);
      }
    }
    const [two, eight] = found;
    for (const step of [1, 2, 3, 4, 5]) {
      for (const name of ['loss', 'gradNorm']) {
        const of = (numbers: typeof two) => numbers[`${step} train.${name}`] as number;
        expect([step, name, of(eight)]).toEqual([step, name, expect.closeTo(of(two), 3)]);
      }
    }
  }, 300_000);

  it('leaves out pairs that are too long, and says so', async () => {
    const long = Array(20).fill('wind').join(' ');
    const pairs = samplePairs(60).map((pair, i) => ({
      ...pair,
      ...(i === 3 && { target: long }),
      split: i < 50 ? ('train' as const) : ('validation' as const),
    }));
    const { entries } = await trainInMemory(store, await specOf(pairs, { training: { maxSteps: 1 } }), 2);
    const told = entries.flatMap((entry) => (entry.type === 'event' ? [[entry.event, entry.message]] : []));
    expect(told).toEqual([
      ['warning', expect.stringMatching(/^1 training pairs are longer than maxLength \(16 tokens\)/)],
    ]);
    const spec = await specOf(pairs.map((pair) => ({ ...pair, source: long })));
    await expect(trainInMemory(store, spec, 1)).rejects.toMatchObject({ code: 'invalid-file' });
  }, 300_000);
});

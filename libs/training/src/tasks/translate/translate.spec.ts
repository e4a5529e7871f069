import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { architectures, type StreamEntry, type TranslationExample } from '@regatta/contracts';
import { type ArtifactStore, openStore } from '@regatta/storage';
import { numbersOf, trainInMemory } from '../../../../../test/support/train-in-memory.js';
import {
  pairsFile,
  samplePairs,
  type TranslateSections,
  translationSpec,
} from '../../../../../test/support/translation.js';

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

describe.each(architectures)('translate, %s, with dropout', (architecture) => {
  it('gives the same losses, translations and weights to the last bit on 1, 2 and 3 ranks', async () => {
    const sections = { model: { architecture }, training: { microBatchSize: 1 } };
    const spec = await specOf(samplePairs(120), sections);
    const one = await trainInMemory(store, spec, 1);
    expect(Object.keys(numbersOf(one.entries)).filter((name) => name.endsWith('train.loss'))).toHaveLength(12);
    expect(samplesOf(one.entries).map(([step, kind]) => `${step} ${kind}`)).toEqual([
      '6 predictions',
      '6 by-length',
      '12 predictions',
      '12 by-length',
    ]);
    for (const worldSize of [2, 3]) {
      const more = await trainInMemory(store, await specOf(samplePairs(120), sections), worldSize);
      expect(numbersOf(more.entries)).toEqual(numbersOf(one.entries));
      expect(samplesOf(more.entries)).toEqual(samplesOf(one.entries));
      expect(more.outcomes.map((outcome) => outcome.weightsSha256)).toEqual(
        Array(worldSize).fill(one.outcomes[0].weightsSha256),
      );
    }
  }, 60_000);
});

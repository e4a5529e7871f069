import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { openStore } from '@regatta/storage';
import { pretrainingSpec, sampleText } from '../../../test/support/pretraining.js';
import { metricsOf, trainInMemory } from '../../../test/support/train-in-memory.js';

const golden = new URL('../../../test/golden/losses-bert-debug.json', import.meta.url);

/**
 * Per-step losses of a small seeded run, dropout on. A change of numerics is a change of that file, in a commit of its own with the reason:
 * UPDATE_LOSSES=1 npx jest losses.spec
 */
it('trains bert-debug as it did before', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'regatta-losses-'));
  try {
    const store = openStore(`file://${folder}`);
    const { sha256 } = await store.putBlob(Buffer.from(sampleText()));
    const { entries } = await trainInMemory(store, pretrainingSpec(sha256, { training: { maxSteps: 30 } }), 2);
    const series = (name: string): number[] => metricsOf(entries).flatMap(({ values }) => values[name] ?? []);
    const names = ['train.mlm.loss', 'train.nsp.loss', 'train.gradNorm', 'validation.mlm.loss', 'validation.nsp.loss'];
    const found = Object.fromEntries(names.map((name) => [name, series(name)]));
    if (process.env.UPDATE_LOSSES) await writeFile(golden, `${JSON.stringify(found, null, 1)}\n`);
    const expected = JSON.parse(await readFile(golden, 'utf8')) as typeof found;
    for (const name of names) {
      expect(found[name]).toHaveLength(expected[name].length);
      found[name].forEach((value, i) => {
        expect([name, i, Math.abs(value - expected[name][i]) < 1e-4]).toEqual([name, i, true]);
      });
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}, 300_000);

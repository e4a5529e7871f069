import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ArtifactStore, openStore } from './index.js';

let root: string;
let store: ArtifactStore;
const run = '0190d1a2-0000-7000-8000-000000000001';
const files = (text: string) => ({
  'model.safetensors': Buffer.from(`weights ${text}`),
  'state.json': Buffer.from('{}'),
});
const write = (step: number, loss?: number) =>
  store.writeCheckpoint(run, step, files(String(step)), { metrics: { 'validation.loss': loss ?? null } });
const at = (step: number, file: string) => path.join(root, 'checkpoints', run, String(step), file);

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'regatta-store-'));
  store = openStore(root);
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('a checkpoint', () => {
  it('is read back as it was written', async () => {
    const written = await store.writeCheckpoint(run, 7, files('7'), { weightsSha256: 'abc' });
    const read = await store.readCheckpoint(run, 7);
    expect(read.files['model.safetensors'].toString()).toBe('weights 7');
    expect(Object.keys(read.files)).toEqual(['model.safetensors', 'state.json']);
    expect(read).toMatchObject({ step: 7, sha256: written.sha256, bytes: 11, metadata: { weightsSha256: 'abc' } });
    expect(written).toMatchObject({ step: 7, bytes: 11, path: path.join(root, 'checkpoints', run, '7') });
  });

  it('has the same checksum for the same contents, whatever their order, and stays as it is', async () => {
    const first = await store.writeCheckpoint(run, 7, { a: Buffer.from('1'), b: Buffer.from('2') }, { x: 1 });
    const again = await store.writeCheckpoint(run, 7, { b: Buffer.from('2'), a: Buffer.from('1') }, { x: 1 });
    expect(again).toEqual(first);
    expect(
      (await store.writeCheckpoint(run, 7, { a: Buffer.from('1'), b: Buffer.from('2') }, { x: 2 })).sha256,
    ).not.toBe(first.sha256);
  });

  it('is replaced where the contents differ or what stands there is damaged', async () => {
    await store.writeCheckpoint(run, 7, files('old'), {});
    await store.writeCheckpoint(run, 7, files('new'), {});
    expect((await store.readCheckpoint(run, 7)).files['model.safetensors'].toString()).toBe('weights new');
    await writeFile(at(7, 'state.json'), '[]');
    await store.writeCheckpoint(run, 7, files('new'), {});
    expect((await store.readCheckpoint(run, 7)).files['state.json'].toString()).toBe('{}');
  });

  it('survives several writers at once', async () => {
    const stores = Array.from({ length: 6 }, () => openStore(root));
    await Promise.all(stores.map((one, i) => one.writeCheckpoint(run, 3, files(i < 4 ? 'same' : String(i)), {})));
    const { files: read } = await store.readCheckpoint(run, 3);
    expect(['weights same', 'weights 4', 'weights 5']).toContain(read['model.safetensors'].toString());
    expect(await readdir(path.join(root, 'tmp'))).toEqual([]);
  });

  it.each([
    [
      'a truncated file',
      (step: number) => truncate(at(step, 'model.safetensors'), 3),
      /model\.safetensors has 3 bytes instead of 9/,
    ],
    [
      'an altered file',
      (step: number) => writeFile(at(step, 'model.safetensors'), 'weights X'),
      /model\.safetensors does not match/,
    ],
    ['a missing file', (step: number) => rm(at(step, 'state.json')), /state\.json is missing/],
    [
      'a truncated manifest',
      (step: number) => truncate(at(step, 'manifest.json'), 20),
      /manifest\.json does not match/,
    ],
    ['a missing manifest', (step: number) => rm(at(step, 'manifest.json')), /manifest\.json is missing/],
    ['no checksum of the manifest', (step: number) => rm(at(step, 'manifest.sha256')), /manifest\.sha256 is missing/],
  ])('is refused with %s, and the one before is used', async (_, damage, reason) => {
    await write(1);
    await write(2);
    await damage(2);
    await expect(store.readCheckpoint(run, 2)).rejects.toMatchObject({ code: 'checkpoint-corrupt' });
    await expect(store.readCheckpoint(run, 2)).rejects.toThrow(reason);
    const { checkpoint, refused } = await store.latestCheckpoint(run);
    expect(checkpoint?.step).toBe(1);
    expect(refused).toEqual([{ step: 2, reason: expect.stringMatching(reason) }]);
  });

  it('with an altered manifest is refused, although its files are whole', async () => {
    await write(1, 0.5);
    const manifest = await readFile(at(1, 'manifest.json'), 'utf8');
    await writeFile(at(1, 'manifest.json'), manifest.replace('0.5', '0.4'));
    await expect(store.readCheckpoint(run, 1)).rejects.toThrow(/manifest\.json does not match/);
  });

  it('that is not there is not found', async () => {
    await expect(store.readCheckpoint(run, 5)).rejects.toMatchObject({ code: 'not-found' });
    expect(await store.latestCheckpoint(run)).toEqual({ checkpoint: null, refused: [] });
  });

  it('cannot lead out of its folder', async () => {
    const one = { a: Buffer.from('1') };
    for (const id of ['../other', '..', '', 'a/b', '.hidden', 'a\0']) {
      await expect(store.writeCheckpoint(id, 1, one, {})).rejects.toMatchObject({ code: 'invalid' });
      await expect(store.listCheckpoints(id)).rejects.toMatchObject({ code: 'invalid' });
      await expect(store.deleteCheckpoints(id)).rejects.toMatchObject({ code: 'invalid' });
    }
    for (const name of ['../a', 'a/b', '..', 'manifest.json', 'manifest.sha256']) {
      await expect(store.writeCheckpoint(run, 1, { [name]: Buffer.from('1') }, {})).rejects.toMatchObject({
        code: 'invalid',
      });
    }
    for (const step of [-1, 0.5, Number.NaN])
      await expect(store.readCheckpoint(run, step)).rejects.toMatchObject({ code: 'invalid' });
  });
});

describe("a run's checkpoints", () => {
  it('are listed by number', async () => {
    for (const step of [10, 9, 100]) await write(step);
    await mkdir(path.join(root, 'checkpoints', run, 'notes'));
    expect(await store.listCheckpoints(run)).toEqual([9, 10, 100]);
    expect(await store.listCheckpoints('other')).toEqual([]);
  });

  it('give the newest of at most a step', async () => {
    for (const step of [10, 20, 30]) await write(step);
    expect((await store.latestCheckpoint(run)).checkpoint?.step).toBe(30);
    expect((await store.latestCheckpoint(run, { atMost: 29 })).checkpoint?.step).toBe(20);
    expect((await store.latestCheckpoint(run, { atMost: 9 })).checkpoint).toBeNull();
  });

  it('keep the newest and the best', async () => {
    const losses: [number, number | undefined][] = [
      [1, 3],
      [2, 1],
      [3, 1],
      [4, undefined],
      [5, 2],
      [6, 4],
    ];
    for (const [step, loss] of losses) await write(step, loss);
    const gone = await store.retainCheckpoints(run, { last: 2, best: 'validation.loss' });
    expect(gone.map(({ step }) => step)).toEqual([1, 3, 4]);
    expect(gone[0].metadata).toEqual({ metrics: { 'validation.loss': 3 } });
    expect(await store.listCheckpoints(run)).toEqual([2, 5, 6]);
    expect((await store.retainCheckpoints(run, { last: 1 })).map(({ step }) => step)).toEqual([2, 5]);
  });

  it('do not count a damaged one among the newest', async () => {
    for (const step of [1, 2, 3]) await write(step);
    await truncate(at(3, 'manifest.json'), 5);
    expect((await store.retainCheckpoints(run, { last: 1 })).map(({ step }) => step)).toEqual([1]);
    expect(await store.listCheckpoints(run)).toEqual([2, 3]);
  });

  it('can be deleted, one or all, and it is no error when they are gone', async () => {
    for (const step of [1, 2, 3]) await write(step);
    await store.deleteCheckpoint(run, 2);
    await store.deleteCheckpoint(run, 2);
    expect(await store.listCheckpoints(run)).toEqual([1, 3]);
    await store.deleteCheckpoints(run);
    await store.deleteCheckpoints(run);
    expect(await store.listCheckpoints(run)).toEqual([]);
  });
});

import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openStore } from './index.js';

const run = '0190d1a2-0000-7000-8000-000000000001';
let root: string;
let mounted = false;

/** A disk of one megabyte: a small tmpfs, where this process may mount one. */
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'regatta-full-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', root], { stdio: 'ignore' });
    mounted = true;
  } catch {
    console.warn('a full disk is not tested: this process may not mount one');
  }
});
afterAll(async () => {
  if (mounted) execFileSync('umount', [root]);
  await rm(root, { recursive: true, force: true });
});

describe('a disk that is really full', () => {
  it('refuses a checkpoint, keeps the one before, leaves no half file, and takes it once there is room', async () => {
    if (!mounted) return;
    const store = openStore(root);
    const files = { 'model.safetensors': Buffer.alloc(300_000, 1) };
    await store.writeCheckpoint(run, 1, files, {});
    await writeFile(path.join(root, 'other'), Buffer.alloc(500_000));
    await expect(store.writeCheckpoint(run, 2, files, {})).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining(root),
    });
    expect(await readdir(path.join(root, 'tmp'))).toEqual([]);
    expect(await store.listCheckpoints(run)).toEqual([1]);
    expect((await store.latestCheckpoint(run)).checkpoint?.step).toBe(1);
    await rm(path.join(root, 'other'));
    await store.writeCheckpoint(run, 2, files, {});
    expect((await store.latestCheckpoint(run)).checkpoint?.step).toBe(2);
  });
});

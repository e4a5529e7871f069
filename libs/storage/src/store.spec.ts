import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ArtifactStore, openStore } from './index.js';

let root: string;
let store: ArtifactStore;
const sha256 = (data: string) => createHash('sha256').update(data).digest('hex');

/** Every file under the store, relative. */
async function filesBelow(folder = root): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));
}

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'regatta store '));
  store = openStore(pathToFileURL(root).href);
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('openStore', () => {
  it('takes a file URL or an absolute path, and nothing else', async () => {
    const { sha256: name } = await store.putBlob(Buffer.from('a'));
    expect((await openStore(root).getBlob(name)).toString()).toBe('a');
    for (const url of ['s3://bucket/artifacts', 'artifacts', 'file://host/artifacts', '']) {
      expect(() => openStore(url)).toThrow(expect.objectContaining({ code: 'invalid' }));
    }
  });
});

describe('blobs', () => {
  it('are named by their contents, from bytes and from streams', async () => {
    const info = { sha256: sha256('hello world'), bytes: 11 };
    expect(await store.putBlob(Buffer.from('hello world'))).toEqual(info);
    expect(await store.putBlob(Readable.from([Buffer.from('hello '), Buffer.from('world')]))).toEqual(info);
    expect(await filesBelow()).toEqual([`blobs/${info.sha256.slice(0, 2)}/${info.sha256}`]);
    expect((await store.getBlob(info.sha256)).toString()).toBe('hello world');
    const pieces: Buffer[] = [];
    for await (const piece of store.openBlob(info.sha256)) pieces.push(piece);
    expect(Buffer.concat(pieces).toString()).toBe('hello world');
  });

  it('may be empty, and large', async () => {
    expect(await store.putBlob(new Uint8Array(0))).toEqual({ sha256: sha256(''), bytes: 0 });
    const piece = Buffer.alloc(300_000, 'x');
    const { sha256: name, bytes } = await store.putBlob(Readable.from([piece, piece, piece]));
    expect(bytes).toBe(900_000);
    expect((await store.getBlob(name)).equals(Buffer.alloc(900_000, 'x'))).toBe(true);
  });

  it('are there or not, and can be deleted', async () => {
    const { sha256: name } = await store.putBlob(Buffer.from('a'));
    expect(await store.hasBlob(name)).toBe(true);
    await store.deleteBlob(name);
    await store.deleteBlob(name);
    expect(await store.hasBlob(name)).toBe(false);
    await expect(store.getBlob(name)).rejects.toMatchObject({ code: 'not-found' });
    await expect(store.openBlob(name).toArray()).rejects.toMatchObject({ code: 'not-found' });
  });

  it('are refused when damaged, and mended by storing them again', async () => {
    const { sha256: name } = await store.putBlob(Buffer.from('hello'));
    const file = path.join(root, 'blobs', name.slice(0, 2), name);
    await writeFile(file, 'hellp');
    await expect(store.getBlob(name)).rejects.toThrow(/damaged/);
    await expect(store.openBlob(name).toArray()).rejects.toThrow(/damaged/);
    await store.putBlob(Buffer.from('hello'));
    expect((await store.getBlob(name)).toString()).toBe('hello');
  });

  it('cannot be asked for by a path', async () => {
    await expect(store.getBlob('../../etc/passwd')).rejects.toMatchObject({ code: 'invalid' });
    await expect(store.hasBlob('AB'.repeat(32))).rejects.toMatchObject({ code: 'invalid' });
  });

  it('leave nothing behind where the source fails, and say what to do about a full disk', async () => {
    async function* failing(error: Error) {
      yield Buffer.alloc(100_000);
      throw error;
    }
    await expect(store.putBlob(failing(new Error('client gone')))).rejects.toThrow('client gone');
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    await expect(store.putBlob(failing(full))).rejects.toMatchObject({
      code: 'disk-full',
      next: expect.stringContaining('Free some space'),
      retryable: false,
    });
    expect(await filesBelow()).toEqual([]);
  });
});

describe('derived artifacts', () => {
  it('are made once, also when asked for at the same time, and again when damaged', async () => {
    let made = 0;
    const make = async () => Buffer.from(`made ${++made}`);
    const both = await Promise.all([store.derived('key', make), store.derived('key', make)]);
    expect(both.map(String)).toEqual(['made 1', 'made 1']);
    expect(String(await openStore(root).derived('key', make))).toBe('made 1');
    expect(String(await store.derived('other key', make))).toBe('made 2');
    for (const file of await filesBelow()) await writeFile(path.join(root, file), 'short');
    expect(String(await store.derived('key', make))).toBe('made 3');
  });

  it('are not stored where making fails', async () => {
    const fail = () => Promise.reject(new Error('cannot'));
    await expect(store.derived('key', fail)).rejects.toThrow('cannot');
    expect(String(await store.derived('key', async () => Buffer.from('can')))).toBe('can');
  });
});

describe('the folder for what is being written', () => {
  it('loses what dead writers left, not what live ones write', async () => {
    const tmp = path.join(root, 'tmp');
    const left = [`${hostname()}~999999999~a`, `elsewhere~1~old`, `elsewhere~1~new`, `${hostname()}~${process.pid}~b`];
    for (const name of left) {
      await mkdir(path.join(tmp, name), { recursive: true });
      await writeFile(path.join(tmp, name, 'file'), 'half');
    }
    const longAgo = new Date(Date.now() - 48 * 3600 * 1000);
    await utimes(path.join(tmp, left[1]), longAgo, longAgo);
    await store.putBlob(Buffer.from('a'));
    expect((await readdir(tmp)).sort()).toEqual([left[2], left[3]].sort());
  });

  it('is empty after every success', async () => {
    await store.putBlob(Buffer.from('a'));
    await store.derived('key', async () => Buffer.from('b'));
    await store.writeCheckpoint('run', 1, { 'a.bin': Buffer.from('c') }, {});
    await store.writeCheckpoint('run', 1, { 'a.bin': Buffer.from('d') }, {});
    await store.deleteCheckpoint('run', 1);
    expect(await readdir(path.join(root, 'tmp'))).toEqual([]);
    expect((await stat(root)).isDirectory()).toBe(true);
    expect((await readFile(path.join(root, 'blobs', sha256('a').slice(0, 2), sha256('a')))).toString()).toBe('a');
  });
});

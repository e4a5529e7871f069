import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { isMissing, systemCode, writeError } from './errors.js';

/** What a writer of another machine left is taken for dead after this time, in milliseconds. */
const longestWrite = 24 * 3600 * 1000;

/** The folder `tmp` of a store: where things are written before they are renamed into place. */
export class Scratch {
  private swept: Promise<void> | undefined;
  readonly folder: string;

  constructor(private readonly root: string) {
    this.folder = path.join(root, 'tmp');
  }

  /** A path for one writer; the file or folder there is removed when its process is gone. */
  async place(): Promise<string> {
    await mkdir(this.folder, { recursive: true });
    this.swept ??= this.sweep();
    await this.swept;
    return path.join(this.folder, `${hostname()}~${process.pid}~${randomUUID()}`);
  }

  /**
   * Lets `write` fill a new path and hands that to `finish`, which moves it to where it belongs; removes what is left of it, whatever happens.
   * @throws AppError `disk-full`
   */
  async use<T>(write: (place: string) => Promise<unknown>, finish: (place: string) => Promise<T>): Promise<T> {
    let place: string | undefined;
    try {
      place = await this.place();
      await write(place);
      return await finish(place);
    } catch (error) {
      throw writeError(error, this.root);
    } finally {
      if (place !== undefined) await rm(place, { recursive: true, force: true });
    }
  }

  /** Takes a file or folder away in one step, then deletes it: nobody sees half of it. */
  async discard(target: string): Promise<void> {
    const place = await this.place();
    try {
      await rename(target, place);
    } catch (error) {
      if (isMissing(error)) return;
      throw writeError(error, this.root);
    }
    await rm(place, { recursive: true, force: true });
  }

  private async sweep(): Promise<void> {
    for (const name of await readdir(this.folder)) {
      const [host, pid] = name.split('~');
      const place = path.join(this.folder, name);
      const dead = host === hostname() ? !isAlive(Number(pid)) : await isOld(place);
      if (dead) await rm(place, { recursive: true, force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

async function isOld(place: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(place)).mtimeMs > longestWrite;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Writes a new file and waits until it is on the disk. */
export async function writeSynced(file: string, data: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    // each call goes on where the one before ended
    for await (const chunk of data instanceof Uint8Array ? [data] : data) await handle.writeFile(chunk);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a rename or a new name in a folder last through a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Moves a synced file into place, over an older one. */
export async function moveIntoPlace(from: string, target: string): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true });
  await rename(from, target);
  await syncFolder(path.dirname(target));
}

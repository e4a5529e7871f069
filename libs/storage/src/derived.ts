import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isMissing } from './errors.js';
import { moveIntoPlace, type Scratch, writeSynced } from './scratch.js';

const digestBytes = 32;
const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();

/** What can be made again: a file a key, `derived/<SHA-256 of the key>`: the SHA-256 of the contents, then the contents. */
export class Derived {
  private readonly folder: string;
  private readonly making = new Map<string, Promise<Buffer>>();

  constructor(
    root: string,
    private readonly scratch: Scratch,
  ) {
    this.folder = path.join(root, 'derived');
  }

  get(key: string, make: () => Promise<Uint8Array>): Promise<Buffer> {
    let making = this.making.get(key);
    if (making === undefined) {
      making = this.readOrMake(path.join(this.folder, sha256(key).toString('hex')), make).finally(() =>
        this.making.delete(key),
      );
      this.making.set(key, making);
    }
    return making;
  }

  private async readOrMake(file: string, make: () => Promise<Uint8Array>): Promise<Buffer> {
    const stored = await this.read(file);
    if (stored !== undefined) return stored;
    const made = Buffer.from(await make());
    await this.scratch.use(
      (place) => writeSynced(place, Buffer.concat([sha256(made), made])),
      (place) => moveIntoPlace(place, file),
    );
    return made;
  }

  private async read(file: string): Promise<Buffer | undefined> {
    try {
      const stored = await readFile(file);
      const contents = stored.subarray(digestBytes);
      return sha256(contents).equals(stored.subarray(0, digestBytes)) ? contents : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }
}

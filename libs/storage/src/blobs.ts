import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { AppError } from '@regatta/contracts';
import { isMissing } from './errors.js';
import { checkSha256 } from './names.js';
import { moveIntoPlace, type Scratch, writeSynced } from './scratch.js';
import type { BlobInfo, BlobSource } from './types.js';

const missing = (sha256: string, cause: unknown) =>
  new AppError('not-found', `The artifact store has no blob ${sha256}.`, { cause });

const damaged = (sha256: string) =>
  new AppError(
    'internal',
    `The blob ${sha256} in the artifact store is damaged: its contents do not match its checksum.`,
    {
      next: 'Upload the dataset again.',
    },
  );

/** Blobs of a folder store: `blobs/ab/abcd…`. */
export class Blobs {
  private readonly folder: string;

  constructor(
    root: string,
    private readonly scratch: Scratch,
  ) {
    this.folder = path.join(root, 'blobs');
  }

  async put(source: BlobSource): Promise<BlobInfo> {
    const hash = createHash('sha256');
    let bytes = 0;
    async function* counted() {
      for await (const chunk of source instanceof Uint8Array ? [source] : source) {
        hash.update(chunk);
        bytes += chunk.byteLength;
        yield chunk;
      }
    }
    return this.scratch.use(
      (place) => writeSynced(place, counted()),
      async (place) => {
        const sha256 = hash.digest('hex');
        await moveIntoPlace(place, this.file(sha256));
        return { sha256, bytes };
      },
    );
  }

  async get(sha256: string): Promise<Buffer> {
    const contents = await readFile(this.file(sha256)).catch((error: unknown) => {
      throw isMissing(error) ? missing(sha256, error) : error;
    });
    if (createHash('sha256').update(contents).digest('hex') !== sha256) throw damaged(sha256);
    return contents;
  }

  open(sha256: string): Readable {
    const file = this.file(sha256);
    async function* verified() {
      const hash = createHash('sha256');
      try {
        for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 })) {
          hash.update(chunk);
          yield chunk;
        }
      } catch (error) {
        throw isMissing(error) ? missing(sha256, error) : error;
      }
      if (hash.digest('hex') !== sha256) throw damaged(sha256);
    }
    return Readable.from(verified(), { objectMode: false });
  }

  async has(sha256: string): Promise<boolean> {
    try {
      await access(this.file(sha256));
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  async delete(sha256: string): Promise<void> {
    await rm(this.file(sha256), { force: true });
  }

  private file(sha256: string): string {
    checkSha256(sha256);
    return path.join(this.folder, sha256.slice(0, 2), sha256);
  }
}

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '@regatta/contracts';
import { isMissing } from './errors.js';
import type { CheckpointInfo } from './types.js';

export const manifestFile = 'manifest.json';
/** Holds the manifest's own SHA-256, so that a changed manifest is seen too. */
export const manifestDigestFile = 'manifest.sha256';

export interface Manifest {
  format: 1;
  runId: string;
  step: number;
  files: Record<string, { bytes: number; sha256: string }>;
  metadata: Record<string, unknown>;
}

export const sha256Of = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');

export const manifestText = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 2)}\n`;

const totalBytes = (manifest: Manifest): number =>
  Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0);

/** @param file what is wrong, and how: "model.safetensors is 12 bytes short" */
export const corrupt = (folder: string, what: string): AppError =>
  new AppError('checkpoint-corrupt', `The checkpoint ${folder} is refused: ${what}.`, {
    next: 'The checkpoint before it is used; delete this one.',
  });

/**
 * Reads the manifest of a checkpoint folder and verifies it against its own checksum.
 * @throws AppError `not-found` where there is no such folder, `checkpoint-corrupt`
 */
export async function readManifest(folder: string): Promise<CheckpointInfo & { manifest: Manifest }> {
  const [text, digest] = await Promise.all([read(folder, manifestFile), read(folder, manifestDigestFile)]);
  if (text === undefined && digest === undefined) {
    throw new AppError('not-found', `There is no checkpoint ${folder}.`);
  }
  if (text === undefined) throw corrupt(folder, `${manifestFile} is missing`);
  if (digest === undefined) throw corrupt(folder, `${manifestDigestFile} is missing`);
  const sha256 = sha256Of(text);
  if (digest.trim() !== sha256) throw corrupt(folder, `${manifestFile} does not match its checksum`);
  const manifest = JSON.parse(text) as Manifest;
  return { step: manifest.step, sha256, bytes: totalBytes(manifest), metadata: manifest.metadata, manifest };
}

async function read(folder: string, name: string): Promise<string | undefined> {
  try {
    return await readFile(path.join(folder, name), 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Compares a file's size and checksum with the manifest's.
 * @throws AppError `checkpoint-corrupt` naming the file
 */
function compare(
  folder: string,
  name: string,
  expected: { bytes: number; sha256: string },
  bytes: number,
  sha256: string,
) {
  if (bytes !== expected.bytes) {
    throw corrupt(folder, `${name} has ${bytes} bytes instead of ${expected.bytes}`);
  }
  if (sha256 !== expected.sha256) throw corrupt(folder, `${name} does not match its checksum`);
}

/** Reads all files of a checkpoint, verified. */
export async function readFiles(folder: string, manifest: Manifest): Promise<Record<string, Buffer>> {
  const files: Record<string, Buffer> = {};
  for (const [name, expected] of Object.entries(manifest.files)) {
    const contents = await readFile(path.join(folder, name)).catch((error: unknown) => {
      throw isMissing(error) ? corrupt(folder, `${name} is missing`) : error;
    });
    compare(folder, name, expected, contents.byteLength, sha256Of(contents));
    files[name] = contents;
  }
  return files;
}

/** Verifies all files of a checkpoint piece by piece, so that an event loop stays free and memory small. */
export async function verifyFiles(folder: string, manifest: Manifest): Promise<void> {
  for (const [name, expected] of Object.entries(manifest.files)) {
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      for await (const chunk of createReadStream(path.join(folder, name), { highWaterMark: 256 * 1024 })) {
        hash.update(chunk);
        bytes += chunk.length;
      }
    } catch (error) {
      throw isMissing(error) ? corrupt(folder, `${name} is missing`) : error;
    }
    compare(folder, name, expected, bytes, hash.digest('hex'));
  }
}

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError, type FieldError } from '@regatta/contracts';
import busboy from 'busboy';
import type { Request } from 'express';
import { diskFull } from './disk-full.js';

const largestFile = 1024 ** 3;

/** A multipart body as it was received: its fields, and its one file in a temporary folder. */
export interface Upload {
  fields: Record<string, string>;
  file: string;
  /** SHA-256 of the file's bytes. */
  sha256: string;
}

/**
 * Receives a multipart/form-data body with one part `file`, in any order of its parts, into a temporary folder under
 * `folder`, and calls `use` with it; the folder is removed whatever happens.
 * @throws AppError unsupported-media-type, malformed, too-large (over 1 GiB), invalid, disk-full
 */
export async function withUpload<T>(request: Request, folder: string, use: (upload: Upload) => Promise<T>): Promise<T> {
  if (!request.is('multipart/form-data'))
    throw new AppError(
      'unsupported-media-type',
      'The body must be multipart/form-data, with the parts name, kind and file',
    );
  const temporary = await mkdtemp(path.join(folder, 'upload-')).catch(diskFull);
  try {
    return await use(await receive(request, path.join(temporary, 'file')));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function receive(request: Request, file: string): Promise<Upload> {
  const fields: Record<string, string> = {};
  const hash = createHash('sha256');
  const errors: FieldError[] = [];
  let writing: Promise<void> | undefined;
  let failure: unknown;
  const parser = open(request);
  parser.on('field', (name, value, info) => {
    if (name in fields) errors.push({ path: name, message: 'is given twice' });
    if (info.valueTruncated) errors.push({ path: name, message: 'is too long' });
    fields[name] = value;
  });
  parser.on('file', (name, stream) => {
    if (name !== 'file' || writing) {
      errors.push({
        path: name,
        message: name === 'file' ? 'is given twice' : 'is not a known part; did you mean file?',
      });
      stream.resume();
      return;
    }
    const hashing = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    stream.once('limit', () => parser.destroy(new AppError('too-large', 'The file is larger than 1 GiB')));
    writing = pipeline(stream, hashing, createWriteStream(file)).catch((error: unknown) => {
      failure = error;
      parser.destroy(error as Error);
    });
  });
  try {
    await pipeline(request, parser);
  } catch (error) {
    await writing;
    throw readable(failure ?? error);
  }
  await writing;
  if (failure) throw readable(failure);
  if (!writing) errors.push({ path: 'file', message: 'is missing' });
  if (errors.length > 0)
    throw new AppError('invalid', errors.map((error) => `${error.path} ${error.message}`).join('; '), { errors });
  return { fields, file, sha256: hash.digest('hex') };
}

function open(request: Request): busboy.Busboy {
  try {
    return busboy({
      headers: request.headers,
      defParamCharset: 'utf8',
      limits: { fileSize: largestFile, files: 10, fields: 20, fieldSize: 64 * 1024, fieldNameSize: 200 },
    });
  } catch (cause) {
    throw new AppError('malformed', 'The multipart body has no boundary', { cause });
  }
}

function readable(error: unknown): unknown {
  if (error instanceof AppError) return error;
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return diskFull(error);
  return new AppError('malformed', 'The multipart body ends too early or is malformed', { cause: error });
}

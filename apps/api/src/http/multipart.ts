import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError, type FieldError } from '@regatta/contracts';
import busboy from 'busboy';
import type { Request } from 'express';

/** A file of a multipart body, as it was received. */
export interface ReceivedFile {
  /** The part that it came in. */
  part: string;
  /** As its sender called it, without folders. */
  filename: string;
  /** Where it lies for now. */
  path: string;
  sha256: string;
}

export interface ReceivedParts {
  fields: Record<string, string>;
  files: ReceivedFile[];
}

interface Expected {
  /** Names of the parts, for whoever sent something else. */
  parts: string;
  /** The parts that hold files, and how many of each there may be. */
  fileParts: Record<string, number>;
  /** Which of the files are wanted, by their names, of which none may be there twice; others are passed over. Left out: all are. */
  wanted?(filename: string): boolean;
  /** Bytes of all files together. */
  largest: number;
}

const mostFiles = 100;

/**
 * Receives a multipart/form-data body with files, in any order of its parts, into a temporary folder under `folder`, and calls
 * `use` with it; the folder is removed whatever happens.
 * @throws AppError unsupported-media-type, malformed, too-large, invalid, disk-full
 */
export async function withFiles<T>(
  request: Request,
  folder: string,
  expected: Expected,
  use: (parts: ReceivedParts) => Promise<T>,
): Promise<T> {
  if (!request.is('multipart/form-data'))
    throw new AppError(
      'unsupported-media-type',
      `The body must be multipart/form-data, with the parts ${expected.parts}`,
    );
  const temporary = await mkdtemp(path.join(folder, 'files-')).catch(refuse);
  try {
    return await use(await new Receiver(request, temporary, expected).receive());
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

class Receiver {
  /** Without a prototype: their names are anybody's to choose. */
  private readonly fields: Record<string, string> = Object.create(null);
  private readonly files: ReceivedFile[] = [];
  private readonly errors: FieldError[] = [];
  private readonly writing: Promise<void>[] = [];
  private failure: unknown;
  private bytes = 0;

  constructor(
    private readonly request: Request,
    private readonly folder: string,
    private readonly expected: Expected,
  ) {}

  async receive(): Promise<ReceivedParts> {
    const parser = this.open();
    parser.on('field', (name, value, info) => {
      if (name in this.fields) this.errors.push({ path: name, message: 'is given twice' });
      if (info.valueTruncated) this.errors.push({ path: name, message: 'is too long' });
      this.fields[name] = value;
    });
    parser.on('file', (name, stream, info) => this.file(parser, name, stream, info.filename));
    parser.once('filesLimit', () =>
      parser.destroy(new AppError('too-large', `The body has more than ${mostFiles} files`)),
    );
    try {
      await pipeline(this.request, parser);
    } catch (error) {
      this.failure ??= error;
    }
    await Promise.all(this.writing);
    if (this.failure) refuse(this.failure);
    if (this.errors.length > 0) {
      const list = this.errors.map((error) => `${error.path} ${error.message}`).join('; ');
      throw new AppError('invalid', list, { errors: this.errors });
    }
    return { fields: this.fields, files: this.files };
  }

  private file(parser: busboy.Busboy, part: string, stream: NodeJS.ReadableStream, sent: string | undefined): void {
    const filename = path.basename(sent ?? '');
    const error = this.misplaced(part, filename);
    if (error) this.errors.push(error);
    if (error || this.expected.wanted?.(filename) === false) {
      stream.resume();
      return;
    }
    const hash = createHash('sha256');
    const file = { part, filename, path: path.join(this.folder, String(this.files.length)), sha256: '' };
    this.files.push(file);
    const hashing = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        hash.update(chunk);
        this.bytes += chunk.length;
        done(this.bytes > this.expected.largest ? this.tooLarge() : null, chunk);
      },
    });
    const written = pipeline(stream, hashing, createWriteStream(file.path)).then(
      () => {
        file.sha256 = hash.digest('hex');
      },
      (error: unknown) => {
        this.failure ??= error;
        parser.destroy(error as Error);
      },
    );
    this.writing.push(written);
  }

  /** What is wrong with a file's part or name. */
  private misplaced(part: string, filename: string): FieldError | undefined {
    const { fileParts, wanted } = this.expected;
    if (!Object.hasOwn(fileParts, part)) return { path: part, message: 'is not a known part; did you mean file?' };
    if (this.files.filter((file) => file.part === part).length === fileParts[part])
      return { path: part, message: `is given more than ${fileParts[part]} times` };
    if (!wanted) return undefined;
    if (filename === '') return { path: part, message: 'has no name' };
    const twice = this.files.some((file) => file.filename === filename);
    return twice ? { path: filename, message: 'is given twice' } : undefined;
  }

  private tooLarge(): AppError {
    return new AppError('too-large', `The files are larger than ${this.expected.largest / 2 ** 20} MiB`);
  }

  private open(): busboy.Busboy {
    try {
      return busboy({
        headers: this.request.headers,
        defParamCharset: 'utf8',
        limits: {
          files: mostFiles,
          fields: 20,
          fieldSize: 64 * 1024,
          fieldNameSize: 200,
        },
      });
    } catch (cause) {
      throw new AppError('malformed', 'The multipart body has no boundary', { cause });
    }
  }
}

function refuse(error: unknown): never {
  if (error instanceof AppError) throw error;
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
    throw new AppError('disk-full', 'The disk is full', { cause: error, next: 'Make room and send it again' });
  throw new AppError('malformed', 'The multipart body ends too early or is malformed', { cause: error });
}

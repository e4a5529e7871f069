import { Worker } from 'node:worker_threads';
import { AppError, type DatasetOptions, type ErrorCode, type FieldError } from '@regatta/contracts';
import type { DatasetContent, ExampleKind, PartField } from '@regatta/text';
import type { BuiltInName } from './built-in.js';
import { diskFull } from './disk-full.js';

/** A file of an upload, where it lies. */
export interface UploadedPart {
  field: PartField;
  fileName: string;
  file: string;
}

export type ParseJob =
  | { what: 'text'; file: string; output: string }
  | { what: 'examples'; kind: ExampleKind; options: DatasetOptions; parts: UploadedPart[]; output: string }
  | { what: 'built-in'; name: BuiltInName; output: string };
export type ParseOutcome =
  | { content: DatasetContent }
  | { refused: { code: ErrorCode; message: string; next?: string; errors: FieldError[] } };

/** A thread's own heap: the bytes of the files lie outside of it. */
const heapMebibytes = 2048;

/** Parses datasets in a thread of their own, one at a time (memory). */
export class DatasetParser {
  private queue: Promise<unknown> = Promise.resolve();

  /** @param entry the built parse.worker.js: a thread is started from a file */
  constructor(private readonly entry: URL) {}

  /** @throws AppError invalid, invalid-file, too-large, disk-full */
  parse(job: ParseJob): Promise<DatasetContent> {
    const result = this.queue.then(() => this.inThread(job));
    this.queue = result.catch(() => undefined);
    return result;
  }

  private async inThread(job: ParseJob): Promise<DatasetContent> {
    const worker = new Worker(this.entry, {
      workerData: job,
      resourceLimits: { maxOldGenerationSizeMb: heapMebibytes },
    });
    const outcome = await new Promise<ParseOutcome>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the parsing thread ended with code ${code}`)));
    }).catch(explained);
    if ('content' in outcome) return outcome.content;
    const { code, message, next, errors } = outcome.refused;
    throw new AppError(code, message, { next, errors: errors.length > 0 ? errors : [{ path: 'file', message }] });
  }
}

function explained(error: unknown): never {
  if ((error as NodeJS.ErrnoException)?.code !== 'ERR_WORKER_OUT_OF_MEMORY') return diskFull(error);
  throw new AppError('too-large', `Reading the file takes more than ${heapMebibytes} MiB of memory`, {
    next: 'Upload it as JSON Lines, or in parts',
    cause: error,
  });
}

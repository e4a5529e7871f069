import { once } from 'node:events';
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

/** A thread waits this long for another file: starting one takes longer than reading most files. */
const idleMs = 10_000;

/** Parses datasets in a thread of their own, one at a time (memory). */
export class DatasetParser {
  private queue: Promise<unknown> = Promise.resolve();
  private thread: Worker | undefined;
  private idle: NodeJS.Timeout | undefined;

  /** @param entry the built parse.worker.js: a thread is started from a file */
  constructor(private readonly entry: URL) {}

  /** @throws AppError invalid, invalid-file, too-large, disk-full */
  parse(job: ParseJob): Promise<DatasetContent> {
    const result = this.queue.then(() => this.inThread(job));
    this.queue = result.catch(() => undefined);
    return result;
  }

  private async inThread(job: ParseJob): Promise<DatasetContent> {
    const outcome = await this.ask(job);
    if ('content' in outcome) return outcome.content;
    const { code, message, next, errors } = outcome.refused;
    throw new AppError(code, message, { next, errors: errors.length > 0 ? errors : [{ path: 'file', message }] });
  }

  private async ask(job: ParseJob): Promise<ParseOutcome> {
    clearTimeout(this.idle);
    this.thread ??= new Worker(this.entry, { resourceLimits: { maxOldGenerationSizeMb: heapMebibytes } });
    const { thread } = this;
    thread.ref();
    try {
      thread.postMessage(job);
      const [outcome] = await once(thread, 'message');
      this.idle = setTimeout(() => this.end(), idleMs).unref();
      return outcome;
    } catch (error) {
      this.end(); // it has died of it
      return explained(error);
    } finally {
      thread.unref();
    }
  }

  private end(): void {
    void this.thread?.terminate();
    this.thread = undefined;
  }
}

function explained(error: unknown): never {
  if ((error as NodeJS.ErrnoException)?.code !== 'ERR_WORKER_OUT_OF_MEMORY') return diskFull(error);
  throw new AppError('too-large', `Reading the file takes more than ${heapMebibytes} MiB of memory`, {
    next: 'Upload it as JSON Lines, or in parts',
    cause: error,
  });
}

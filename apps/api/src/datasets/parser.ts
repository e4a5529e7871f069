import { Worker } from 'node:worker_threads';
import { AppError, type ErrorCode } from '@regatta/contracts';
import { diskFull } from './disk-full.js';
import type { TextSummary } from './parse-text.js';

export type ParseJob = { kind: 'text'; file: string; output: string } | { kind: 'brown'; output: string };
export type ParseOutcome = { summary: TextSummary } | { refused: { code: ErrorCode; message: string; next?: string } };

/** Parses datasets in a thread of their own, one at a time (memory). */
export class DatasetParser {
  private queue: Promise<unknown> = Promise.resolve();

  /** @param entry the built parse.worker.js: a thread is started from a file */
  constructor(private readonly entry: URL) {}

  /** @throws AppError invalid-file, disk-full */
  parse(job: ParseJob): Promise<TextSummary> {
    const result = this.queue.then(() => this.inThread(job));
    this.queue = result.catch(() => undefined);
    return result;
  }

  private async inThread(job: ParseJob): Promise<TextSummary> {
    const worker = new Worker(this.entry, { workerData: job });
    const outcome = await new Promise<ParseOutcome>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the parsing thread ended with code ${code}`)));
    }).catch(diskFull);
    if ('summary' in outcome) return outcome.summary;
    const { code, message, next } = outcome.refused;
    throw new AppError(code, message, { next, errors: [{ path: 'file', message }] });
  }
}

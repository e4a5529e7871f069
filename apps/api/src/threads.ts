import { Worker } from 'node:worker_threads';
import { AppError, type ErrorCode, type FieldError } from '@regatta/contracts';

/** What a thread says last: its result, or the AppError that it met. */
export type ThreadOutcome<T> =
  | { result: T }
  | { refused: { code: ErrorCode; message: string; next?: string; errors: FieldError[] } };

/**
 * Runs one job in a thread of its own, so that the API's own thread stays free.
 * @param entry a built file that ends with `answer(…)`
 * @throws AppError as the job threw it
 */
export async function runInThread<T>(entry: URL, job: unknown): Promise<T> {
  const thread = new Worker(entry, { workerData: job });
  const outcome = await new Promise<ThreadOutcome<T>>((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', (code) => reject(new Error(`the thread ended with code ${code}`)));
  });
  if ('result' in outcome) return outcome.result;
  const { code, message, ...rest } = outcome.refused;
  throw new AppError(code, message, rest);
}

/** In a thread: does its job, and turns an AppError into words that cross to the other side. */
export async function outcomeOf<T>(work: () => Promise<T>): Promise<ThreadOutcome<T>> {
  try {
    return { result: await work() };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, message, next, errors } = error;
    return { refused: { code, message, next, errors } };
  }
}

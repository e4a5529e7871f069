import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '@regatta/contracts';
import { parseBrown, parseText } from './parse-text.js';
import type { ParseJob, ParseOutcome } from './parser.js';

/** A thread that parses one dataset, so that the API's own thread stays free. */
const job = workerData as ParseJob;
let outcome: ParseOutcome;
try {
  const summary = job.kind === 'brown' ? await parseBrown(job.output) : await parseText(job.file, job.output);
  outcome = { summary };
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  outcome = { refused: { code: error.code, message: error.message, next: error.next } };
}
parentPort?.postMessage(outcome);

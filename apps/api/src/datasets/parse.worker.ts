import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '@regatta/contracts';
import { makeBuiltIn } from './make-built-in.js';
import { parseExamples } from './parse-examples.js';
import { parseText } from './parse-text.js';
import type { ParseJob, ParseOutcome } from './parser.js';

/** A thread that parses one dataset, so that the API's own thread stays free. */
const job = workerData as ParseJob;
let outcome: ParseOutcome;
try {
  outcome = { content: await contentOf(job) };
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  const { code, message, next, errors } = error;
  outcome = { refused: { code, message, next, errors } };
}
parentPort?.postMessage(outcome);

function contentOf(job: ParseJob) {
  if (job.what === 'text') return parseText(job.file, job.output);
  return job.what === 'examples' ? parseExamples(job) : makeBuiltIn(job.name, job.output);
}

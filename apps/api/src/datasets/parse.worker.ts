import { parentPort } from 'node:worker_threads';
import { AppError } from '@regatta/contracts';
import { makeBuiltIn } from './make-built-in.js';
import { parseExamples } from './parse-examples.js';
import { parseText } from './parse-text.js';
import type { ParseJob, ParseOutcome } from './parser.js';

/** A thread that parses datasets, one after the other, so that the API's own thread stays free. */
parentPort?.on('message', async (job: ParseJob) => {
  parentPort?.postMessage(await outcomeOf(job));
});

/** What else goes wrong ends the thread, and the API hears of it. */
async function outcomeOf(job: ParseJob): Promise<ParseOutcome> {
  try {
    return { content: await contentOf(job) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, message, next, errors } = error;
    return { refused: { code, message, next, errors } };
  }
}

function contentOf(job: ParseJob) {
  if (job.what === 'text') return parseText(job.file, job.output);
  return job.what === 'examples' ? parseExamples(job) : makeBuiltIn(job.name, job.output);
}

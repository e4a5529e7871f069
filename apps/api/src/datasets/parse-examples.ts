import { readFile } from 'node:fs/promises';
import { type DatasetContent, readDataset } from '@regatta/text';
import { ExampleFile } from './example-file.js';
import type { ParseJob } from './parser.js';

/**
 * Reads the files of an upload and writes their examples.
 * @throws AppError invalid, invalid-file
 */
export async function parseExamples(job: Extract<ParseJob, { what: 'examples' }>): Promise<DatasetContent> {
  const parts = await Promise.all(
    job.parts.map(async ({ file, ...part }) => ({ ...part, bytes: await readFile(file) })),
  );
  const store = await ExampleFile.create(job.output);
  try {
    return await readDataset(job.kind, job.options, parts, store);
  } finally {
    await store.close();
  }
}

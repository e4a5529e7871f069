import type { dataset } from '@regatta/contracts';
import type { z } from 'zod';
import type { Prisma } from '../database/database.js';

export type DatasetView = z.output<typeof dataset>;
export type DatasetRow = Prisma.DatasetGetPayload<object>;

export const datasetView = (row: DatasetRow): DatasetView => ({
  id: row.id,
  name: row.name,
  version: row.version,
  kind: 'text',
  sha256: row.sha256,
  bytes: Number(row.bytes),
  builtIn: row.builtIn,
  documents: row.documents,
  sentences: row.sentences,
  words: row.words,
  warnings: row.warnings as DatasetView['warnings'],
  createdAt: row.createdAt.toISOString(),
});

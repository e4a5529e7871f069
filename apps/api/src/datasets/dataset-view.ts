import type { Dataset, DatasetKind, DatasetSummary } from '@regatta/contracts';
import type { Prisma } from '../database/database.js';

export type DatasetView = Dataset;
export type DatasetRow = Prisma.DatasetGetPayload<object>;

/** The part of a summary that has no columns of its own. */
export type StoredSummary = Omit<DatasetSummary, 'documents' | 'sentences' | 'words' | 'examples'>;

/** Of a row that was written before there were other kinds than text. */
const nothing: StoredSummary = {
  splits: null,
  labels: null,
  columns: null,
  encoding: 'utf-8',
  leaks: null,
  languages: null,
};

export const datasetView = (row: DatasetRow): DatasetView => ({
  id: row.id,
  name: row.name,
  version: row.version,
  kind: row.kind as DatasetKind,
  sha256: row.sha256,
  bytes: Number(row.bytes),
  builtIn: row.builtIn,
  documents: row.documents,
  sentences: row.sentences,
  words: row.words,
  examples: row.examples,
  ...nothing,
  ...(row.summary as Partial<StoredSummary>),
  warnings: row.warnings as DatasetView['warnings'],
  createdAt: row.createdAt.toISOString(),
});

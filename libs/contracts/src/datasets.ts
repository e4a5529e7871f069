import { z } from 'zod';
import { id, name, time } from './ids.js';

export const datasetKinds = [
  'text',
  'classification',
  'pair-classification',
  'regression',
  'tagging',
  'question-answering',
  'translation',
] as const;
export const datasetKind = z.enum(datasetKinds);
export type DatasetKind = z.infer<typeof datasetKind>;

/** Where an example belongs where the dataset brings its own split; null: it is drawn by the run's seed. */
export const splitName = z.enum(['train', 'validation', 'test']);
export type SplitName = z.infer<typeof splitName>;

/**
 * Examples as a dataset is stored: JSON Lines, one example a line, in the order of the file. (Kind `text` is stored as plain text: a
 * sentence a line, a blank line between documents.)
 */
const split = { split: splitName.nullable() };
export const classificationExample = z.strictObject({ ...split, text: z.string(), label: z.string() });
export const pairExample = z.strictObject({ ...split, text: z.string(), textPair: z.string(), label: z.string() });
export const regressionExample = z.strictObject({
  ...split,
  text: z.string(),
  textPair: z.string().nullable(),
  value: z.number(),
});
export const taggingExample = z.strictObject({ ...split, tokens: z.array(z.string()), tags: z.array(z.string()) });
export const questionExample = z.strictObject({
  ...split,
  id: z.string(),
  question: z.string(),
  context: z.string(),
  /** Empty: the context does not answer the question (SQuAD 2.0). `start` counts UTF-16 units from the context's begin. */
  answers: z.array(z.strictObject({ text: z.string(), start: z.number().int() })),
});
export const translationExample = z.strictObject({ ...split, source: z.string(), target: z.string() });
export type ClassificationExample = z.output<typeof classificationExample>;
export type PairExample = z.output<typeof pairExample>;
export type RegressionExample = z.output<typeof regressionExample>;
export type TaggingExample = z.output<typeof taggingExample>;
export type QuestionExample = z.output<typeof questionExample>;
export type TranslationExample = z.output<typeof translationExample>;

const columnName = z.string().trim().min(1).max(200).optional();
const file = (description: string) => z.string().meta({ format: 'binary', description });

/** The parts of POST /datasets (multipart/form-data), in any order. A column is named by the header, or by its number from 1. */
export const datasetUpload = z.strictObject({
  name,
  kind: datasetKind.default('text'),
  format: z
    .enum(['auto', 'csv', 'tsv', 'jsonl', 'conll', 'squad', 'lines'])
    .default('auto')
    .meta({ description: 'How the file is written; auto looks at its name and content' }),
  header: z
    .enum(['auto', 'true', 'false'])
    .default('auto')
    .meta({ description: 'Whether the first row of a table names its columns' }),
  textColumn: columnName.meta({
    description: 'Default: text, sentence, sentence1, … or the longest; the question, for question answering',
  }),
  textPairColumn: columnName.meta({ description: 'Second text of a pair; the context, for question answering' }),
  labelColumn: columnName.meta({
    description:
      'Default: label, class, score, … or the column with few distinct values; the answer, for question answering',
  }),
  splitColumn: columnName.meta({ description: 'Column that says train, validation or test' }),
  sourceColumn: columnName.meta({ description: 'Translation: default the first column' }),
  targetColumn: columnName.meta({ description: 'Translation: default the second column' }),
  tokenColumn: columnName.meta({ description: 'Tagging: default the first column' }),
  tagColumn: columnName.meta({ description: 'Tagging: default the last column' }),
  sourceLanguage: z.string().trim().min(2).max(20).optional().meta({ description: 'Language tag, for example en' }),
  targetLanguage: z.string().trim().min(2).max(20).optional().meta({ description: 'Language tag, for example zh' }),
  file: file('The data; for parallel text twice: first the source lines, then the target lines'),
  validation: file('Held-out data of the same form').optional(),
  test: file('Test data of the same form').optional(),
});
export type DatasetOptions = Omit<z.output<typeof datasetUpload>, 'name' | 'file' | 'validation' | 'test'>;

const warning = z.object({ line: z.number().int(), message: z.string() });
export type DatasetWarning = z.infer<typeof warning>;

/** What parsing found. */
export const datasetSummary = z.object({
  /** Of kind text. */
  documents: z.number().int().nullable(),
  sentences: z.number().int().nullable(),
  words: z.number().int().meta({ description: 'Words, by blanks, of all texts' }),
  examples: z.number().int().nullable().meta({ description: 'null for kind text' }),
  splits: z
    .record(z.string(), z.number().int())
    .nullable()
    .meta({ description: 'Examples a split, where the data brings its own; else a run draws them by its seed' }),
  labels: z
    .array(z.object({ label: z.string(), count: z.number().int() }))
    .nullable()
    .meta({ description: 'The labels or tags, most frequent first (at most 200)' }),
  columns: z.record(z.string(), z.string()).nullable().meta({ description: 'Which column was taken for what' }),
  encoding: z.string().meta({ description: 'utf-8, utf-16le, windows-1252, … as it was detected' }),
  leaks: z
    .object({
      duplicates: z.number().int().meta({ description: 'Examples that repeat the input of an earlier one' }),
      removed: z
        .number()
        .int()
        .meta({ description: 'Taken out of train because the same input stands in validation or test' }),
      examples: z.array(z.object({ line: z.number().int(), text: z.string() })).meta({ description: 'At most 10' }),
    })
    .nullable(),
  languages: z.object({ source: z.string(), target: z.string() }).nullable(),
});
export type DatasetSummary = z.infer<typeof datasetSummary>;

export const dataset = datasetSummary.extend({
  id,
  name: z.string(),
  version: z.number().int(),
  kind: datasetKind,
  sha256: z.string(),
  bytes: z.number().int(),
  builtIn: z.boolean(),
  warnings: z.array(warning),
  createdAt: time,
});
export type Dataset = z.infer<typeof dataset>;

export const datasetPreview = z.object({
  documents: z
    .array(z.array(z.string()))
    .meta({ description: 'Of kind text: the first documents, a list of sentences each' }),
  examples: z.array(z.record(z.string(), z.unknown())).meta({ description: 'Of the other kinds: the first examples' }),
});

/** Heads that a dataset of each kind can train. */
export const headsOf: Record<DatasetKind, readonly string[]> = {
  text: [],
  classification: ['sequence-classification'],
  'pair-classification': ['sequence-classification'],
  regression: ['sequence-classification'],
  tagging: ['token-classification'],
  'question-answering': ['question-answering'],
  translation: [],
};

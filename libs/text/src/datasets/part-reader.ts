import { AppError, type DatasetOptions, type SplitName } from '@regatta/contracts';
import { type Columns, chooseColumns, columnsTaken, hasHeader } from './columns.js';
import { conllColumnsTaken, conllExamples } from './conll.js';
import type { ExampleKind } from './examples.js';
import type { FileFormat } from './format.js';
import type { Found, Warn } from './found.js';
import { type JsonRecord, jsonRecords, keysOf, rowOfRecord } from './json-table.js';
import { parallelExamples } from './parallel.js';
import { plainName, type Role } from './roles.js';
import { exampleOfRow } from './row-examples.js';
import { squadExamples } from './squad.js';
import { csvRows, peek, type Row, tsvRows } from './table.js';

const sampleRows = 1000;

/** One part of an upload, open for reading. */
export interface PartReader {
  /** Which column was taken for what; null for a format without columns. */
  columns: Record<string, string> | null;
  /** For the other parts of the same upload. */
  table: { names: readonly string[] | null; columns: Columns } | null;
  examples: AsyncIterable<Found> | Iterable<Found>;
}

export interface PartOptions {
  kind: ExampleKind;
  options: DatasetOptions;
  format: FileFormat;
  /** UTF-8; two of parallel text. */
  files: readonly Uint8Array[];
  split: SplitName | null;
  warn: Warn;
  /** The training part, of whose form this one must be. */
  like: PartReader | undefined;
}

/** @throws AppError `invalid-file`, `invalid` */
export async function partReader(part: PartOptions): Promise<PartReader> {
  const { options, format, files, split, warn } = part;
  const [bytes, second] = files;
  if (format === 'lines') return { columns: null, table: null, examples: parallelExamples(bytes, second, split, warn) };
  if (format === 'squad') return { columns: null, table: null, examples: squadExamples(bytes, split, warn) };
  if (format === 'conll')
    return {
      columns: conllColumnsTaken(bytes, options),
      table: null,
      examples: conllExamples(bytes, options, split, warn),
    };
  return format === 'jsonl' ? jsonPart(part) : tablePart(part);
}

async function jsonPart(part: PartOptions): Promise<PartReader> {
  const { kind, options, split, warn, like } = part;
  const [bytes] = part.files;
  const sample: JsonRecord[] = [];
  for (const one of jsonRecords(bytes)) {
    if ('record' in one) sample.push(one);
    if (sample.length === sampleRows) break;
  }
  if (sample.length === 0) throw new AppError('invalid-file', 'No line of the file is a JSON object.');
  const names = like?.table?.names ?? keysOf(sample);
  const rows = sample.map((record) => rowOfRecord(record, names));
  const columns = withoutSplit(part, like?.table?.columns ?? chooseColumns(kind, names, rows, options));
  function* examples(): Generator<Found> {
    for (const one of jsonRecords(bytes))
      yield 'problem' in one ? one : exampleOfRow(kind, rowOfRecord(one, names), columns, split, warn);
  }
  return { columns: columnsTaken(columns, names), table: { names, columns }, examples: examples() };
}

async function tablePart(part: PartOptions): Promise<PartReader> {
  const { kind, options, split, warn, like } = part;
  const [bytes] = part.files;
  const { sample, all } = await peek(part.format === 'csv' ? csvRows(bytes) : tsvRows(bytes), sampleRows);
  if (sample.length === 0) throw new AppError('invalid-file', 'The file has no rows.');
  const header = like?.table ? headerLike(like.table.names, sample[0]) : hasHeader(kind, sample, options);
  const names = header ? sample[0].cells.map((cell) => String(cell).trim()) : null;
  const body = header ? sample.slice(1) : sample;
  if (body.length === 0) throw new AppError('invalid-file', 'The file has a header, but no rows below it.');
  const columns = like?.table
    ? columnsLike(like.table, names)
    : withoutSplit(part, chooseColumns(kind, names, body, options));
  if (kind === 'tagging') refuseTokenRows(body, columns);
  const width = names?.length ?? usualWidth(body);
  async function* examples(): AsyncGenerator<Found> {
    let first = header;
    for await (const row of all) {
      if (!first) yield exampleOfRow(kind, fitted(row, width, columns, part), columns, split, warn);
      first = false;
    }
  }
  return { columns: columnsTaken(columns, names), table: { names, columns }, examples: examples() };
}

/** @throws AppError `invalid-file` for a table with a token a row, which does not say where sentences end */
function refuseTokenRows(sample: readonly Row[], { tokens = 0 }: Columns): void {
  if (sample.length < 20 || sample.some(({ cells }) => /\S\s+\S/.test(String(cells[tokens] ?? '')))) return;
  throw new AppError('invalid-file', 'Each row holds one token; a table must hold a sentence a row.', {
    next: 'Upload CoNLL columns instead: a token and its tag a line, a blank line after each sentence.',
  });
}

/** Files of their own say the split already. @throws AppError `invalid` where a column was named for it too */
function withoutSplit({ split, options }: PartOptions, columns: Columns): Columns {
  if (split === null) return columns;
  if (options.splitColumn !== undefined)
    throw new AppError('invalid', 'splitColumn: the parts validation and test say the split already', {
      errors: [{ path: 'splitColumn', message: 'the parts validation and test say the split already' }],
    });
  const { split: _, ...rest } = columns;
  return rest;
}

const headerLike = (names: readonly string[] | null, first: Row): boolean =>
  names !== null &&
  first.cells.some((cell) => plainName(cell) !== '' && names.some((name) => plainName(name) === plainName(cell)));

/** The training part's columns in a part that may have them in another order. @throws AppError `invalid-file` for one that is missing */
function columnsLike(table: NonNullable<PartReader['table']>, names: readonly string[] | null): Columns {
  if (!names || !table.names) return table.columns;
  const moved: Columns = {};
  for (const [role, column] of Object.entries(table.columns) as [keyof Columns, number][]) {
    const wanted = table.names[column];
    const found = names.findIndex((name) => plainName(name) === plainName(wanted));
    if (found < 0)
      throw new AppError(
        'invalid-file',
        `There is no column ${JSON.stringify(wanted)}, which training has for ${role}.`,
        {
          next: `The columns are ${names.map((name) => JSON.stringify(name)).join(', ')}.`,
        },
      );
    moved[role] = found;
  }
  return moved;
}

function usualWidth(rows: readonly Row[]): number {
  const widths = new Map<number, number>();
  for (const { cells } of rows) widths.set(cells.length, (widths.get(cells.length) ?? 0) + 1);
  return [...widths].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0][0];
}

/** A row with more cells than the table has columns: where the last column is text that is read, a delimiter stood in it. */
function fitted(row: Row, width: number, columns: Columns, { format, warn }: PartOptions): Row {
  const { line, cells } = row;
  if (cells.length <= width) return row;
  const last = Object.entries(columns).find(([, column]) => column === width - 1)?.[0] as Role | undefined;
  const texts: Role[] = format === 'csv' ? ['text', 'textPair', 'target', 'context'] : ['text', 'textPair'];
  if (!last || !texts.includes(last)) return row;
  warn(line, `Has ${cells.length} columns instead of ${width}; the rest was read as part of the last.`);
  return { line, cells: [...cells.slice(0, width - 1), cells.slice(width - 1).join(format === 'csv' ? ',' : '\t')] };
}

import { Readable } from 'node:stream';
import { AppError } from '@regatta/contracts';
import { parse as parseCsv } from 'csv-parse';
import { parse as parseCsvAtOnce } from 'csv-parse/sync';
import { linesOf } from './lines.js';

/** A row of a table, or an object of a JSON file by the table's columns. */
export interface Row {
  /** Where it begins, counted from 1. */
  line: number;
  cells: readonly unknown[];
}

/** A record longer than this (bytes) has swallowed its neighbours, most likely: a quote was opened and not closed. */
const longestRecord = 2 * 1024 * 1024;
const pieceBytes = 256 * 1024;
const sampleBytes = 64 * 1024;
const delimiters = [',', ';', '\t', '|'];

/**
 * Rows of comma-separated values (RFC 4180): quotes may hold delimiters and line ends. Blank rows are left out.
 * @throws AppError `invalid-file` for a quote that is not closed
 */
export async function* csvRows(bytes: Uint8Array, delimiter = csvDelimiter(bytes)): AsyncGenerator<Row> {
  const parser = Readable.from(pieces(bytes)).pipe(
    parseCsv({
      delimiter,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      max_record_size: longestRecord,
    }),
  );
  const lines = new LineCounter(bytes);
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { bytes: number } }>) {
      // `info` counts to the record's end, behind its line end.
      const inside = record.reduce((count, cell) => count + lineEnds(cell), 0);
      const { line, atEnd } = lines.upTo(info.bytes);
      yield { line: line - inside - (atEnd ? 1 : 0), cells: record };
    }
  } catch (error) {
    throw unreadable(error, bytes);
  }
}

const lineEnds = (cell: string) => (/[\r\n]/.test(cell) ? (cell.match(/\r\n|\n|\r/g)?.length ?? 0) : 0);

/** Counts lines along a text. */
class LineCounter {
  private readonly text: Buffer;
  private readonly end: number;
  private at = 0;
  private line = 1;

  constructor(bytes: Uint8Array) {
    this.text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = this.text.includes(0x0a) ? 0x0a : 0x0d;
  }

  /** The line in which the byte `to` stands, no earlier than those asked for before, and whether it begins there. */
  upTo(to: number): { line: number; atEnd: boolean } {
    for (
      let found = this.text.indexOf(this.end, this.at);
      found >= 0 && found < to;
      found = this.text.indexOf(this.end, found + 1)
    )
      this.line++;
    this.at = Math.max(this.at, to);
    return { line: this.line, atEnd: this.text[to - 1] === this.end };
  }
}

function unreadable(error: unknown, bytes: Uint8Array): unknown {
  const { code = '', message, ...counts } = error as CsvFailure;
  if (!code.startsWith('CSV_')) return error;
  const { line } = new LineCounter(bytes).upTo(Math.min(counts.bytes ?? 0, counts.bytes_records ?? 0));
  const next = 'Close the quote, double the quotes inside of quoted cells, or upload it as tab-separated text.';
  const unclosed = code === 'CSV_QUOTE_NOT_CLOSED' || code === 'CSV_MAX_RECORD_SIZE';
  const what = unclosed
    ? `A quote that opens in or after line ${line} is not closed.`
    : `The table cannot be read from line ${line} on: ${message}`;
  return new AppError('invalid-file', what, { next, cause: error });
}

/** Of the two counts of bytes the lower one ends with the last whole record. */
interface CsvFailure extends Error {
  code?: string;
  bytes?: number;
  bytes_records?: number;
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

/** The delimiter that cuts the first rows into equally many cells, the more the better. */
function csvDelimiter(bytes: Uint8Array): string {
  const sample = Buffer.from(bytes.subarray(0, sampleBytes)).toString();
  const text = bytes.length > sampleBytes ? sample.slice(0, sample.lastIndexOf('\n') + 1) || sample : sample;
  let best = { delimiter: ',', share: 0 };
  for (const delimiter of delimiters) {
    const rows = firstRows(text, delimiter);
    const widths = new Map<number, number>();
    for (const { length } of rows) if (length > 1) widths.set(length, (widths.get(length) ?? 0) + 1);
    const share = Math.max(0, ...widths.values()) / rows.length;
    if (share > best.share) best = { delimiter, share };
  }
  return best.delimiter;
}

function firstRows(text: string, delimiter: string): string[][] {
  try {
    return parseCsvAtOnce(text, {
      delimiter,
      to: 50,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    });
  } catch {
    return [text.split(/\r\n|\n|\r/, 1)[0].split(delimiter)]; // the sample's end cuts a quoted cell
  }
}

/**
 * Rows of tab-separated text. Quotes are letters, as in most such files, where a lone one must not swallow lines; only where every
 * quote of the file is one of RFC 4180 (as a spreadsheet writes them) do they quote.
 */
export async function* tsvRows(bytes: Uint8Array): AsyncGenerator<Row> {
  if (quotesThroughout(bytes)) yield* csvRows(bytes, '\t');
  else for (const { line, text } of linesOf(bytes)) if (text.trim() !== '') yield { line, cells: text.split('\t') };
}

/** Whether each cell with a quote is quoted whole, its inner quotes doubled, and some cell needs that or all are quoted. */
function quotesThroughout(bytes: Uint8Array): boolean {
  let doubled = false;
  let all = true;
  let any = false;
  for (const { text } of linesOf(bytes)) {
    if (text.trim() === '') continue;
    if (!text.includes('"')) {
      all = false;
      continue;
    }
    for (const cell of text.split('\t')) {
      const quoted = /^"[^"]*(?:""[^"]*)*"$/.test(cell);
      if (!quoted && cell.includes('"')) return false;
      any ||= quoted;
      all &&= quoted;
      doubled ||= quoted && cell.length > 2 && cell.slice(1, -1).includes('""');
    }
  }
  return any && (doubled || all);
}

/** The rows from the first on, where the first `count` have been looked at already. */
export async function peek<T>(rows: AsyncIterable<T>, count: number): Promise<{ sample: T[]; all: AsyncGenerator<T> }> {
  const iterator = rows[Symbol.asyncIterator]();
  const sample: T[] = [];
  while (sample.length < count) {
    const { value, done } = await iterator.next();
    if (done) break;
    sample.push(value);
  }
  async function* all() {
    yield* sample;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { sample, all: all() };
}

import { AppError } from '@regatta/contracts';
import type { Found } from './found.js';
import { linesOf } from './lines.js';
import type { Row } from './table.js';

/** A JSON file that is one value is read at once; longer ones (bytes) must be JSON Lines. */
const longestDocument = 256 * 1024 * 1024;

export type JsonRecord = { line: number; record: Record<string, unknown> };

/** The objects of JSON Lines, or of a JSON array; a line that is none is a problem of its own. */
export function* jsonRecords(bytes: Uint8Array): Generator<JsonRecord | Extract<Found, { problem: string }>> {
  if (isArray(bytes)) {
    const values = jsonDocument(bytes) as unknown[];
    for (const [i, value] of values.entries()) yield recordOf(value, i + 1);
    return;
  }
  for (const { line, text } of linesOf(bytes)) {
    if (text.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      yield { line, problem: 'Is not JSON.' };
      continue;
    }
    yield recordOf(value, line);
  }
}

function recordOf(value: unknown, line: number): JsonRecord | Extract<Found, { problem: string }> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { line, problem: 'Is not a JSON object.' };
  // As Hugging Face has translations: {"translation": {"en": …, "fr": …}}.
  const { translation, ...rest } = value as Record<string, unknown>;
  if (typeof translation === 'object' && translation !== null) return { line, record: { ...translation, ...rest } };
  return { line, record: value as Record<string, unknown> };
}

function isArray(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 1024)).toString().trimStart();
  return head.startsWith('[');
}

/** A file that is one JSON value. @throws AppError `invalid-file` */
export function jsonDocument(bytes: Uint8Array): unknown {
  if (bytes.length > longestDocument)
    throw new AppError('invalid-file', 'The JSON document is larger than 256 MiB.', {
      next: 'Upload it as JSON Lines.',
    });
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch (cause) {
    throw new AppError('invalid-file', `The file is not JSON: ${(cause as Error).message}.`, { cause });
  }
}

/** The keys of the first records, in the order of their first appearance: the columns of a table. */
export const keysOf = (records: Iterable<JsonRecord>): string[] => [
  ...new Set([...records].flatMap(({ record }) => Object.keys(record))),
];

export const rowOfRecord = ({ line, record }: JsonRecord, columns: readonly string[]): Row => ({
  line,
  cells: columns.map((name) => (Object.hasOwn(record, name) ? record[name] : undefined)),
});

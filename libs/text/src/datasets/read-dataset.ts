import { AppError, type DatasetOptions } from '@regatta/contracts';
import { toUtf8 } from '../decode-text.js';
import { type DatasetContent, ExampleCollector, type ExampleStore, type PartField, where } from './collector.js';
import type { ExampleKind } from './examples.js';
import { type FileFormat, formatOf, formatsOf } from './format.js';
import { type PartReader, partReader } from './part-reader.js';
import { rolesOf } from './roles.js';

/** A file of an upload. Of parallel text there are two of each field: source lines, then target lines. */
export interface DatasetPart {
  field: PartField;
  fileName: string;
  bytes: Uint8Array;
}

const fieldSplits = { file: 'train', validation: 'validation', test: 'test' } as const;

/**
 * Reads the files of an upload, writes their examples and says what it found. Rows that cannot be used are left out with a warning;
 * examples whose input is held out too are taken out of the training part.
 * @throws AppError `invalid-file` for a file that cannot be read, of which more than half cannot be used, or that nothing can be learnt
 *   from (one class only, …); `invalid` for options that do not fit
 */
export async function readDataset(
  kind: ExampleKind,
  options: DatasetOptions,
  parts: readonly DatasetPart[],
  store: ExampleStore,
): Promise<DatasetContent> {
  refuseOthersOptions(kind, options);
  const reading = new ExampleCollector(kind, store);
  const fields = (['file', 'validation', 'test'] as const).filter((field) =>
    parts.some((part) => part.field === field),
  );
  let reader: PartReader | undefined;
  let encoding = '';
  for (const field of fields) {
    const files = parts.filter((part) => part.field === field).map((part) => ({ ...part, utf8: readable(part) }));
    for (const { utf8 } of files)
      if (utf8.damaged)
        reading.warnings.add(0, `${where(field)}The file is UTF-8 with damaged characters; they read as U+FFFD.`);
      else if (!utf8.encoding.startsWith('utf-'))
        reading.warnings.add(0, `${where(field)}The file is not UTF-8; it was read as ${utf8.encoding}.`);
    encoding ||= files[0].utf8.encoding;
    const split = fields.length > 1 ? fieldSplits[field] : null;
    await inField(field, async () => {
      const format = formatOfFiles(
        kind,
        options,
        files.map(({ utf8, fileName }) => ({ bytes: utf8.bytes, fileName })),
      );
      const warn = (line: number, message: string) => reading.warnings.add(line, where(field) + message);
      const open = await partReader({
        kind,
        options,
        format,
        files: files.map(({ utf8 }) => utf8.bytes),
        split,
        warn,
        like: reader,
      });
      reader ??= open;
      for await (const found of open.examples) await reading.take(found, field);
      reading.endPart(field);
    });
  }
  return reading.finish(encoding, reader?.columns ?? null, languagesOf(kind, options, reader?.columns ?? null));
}

/** @throws AppError `invalid` for an option that says nothing about this kind */
function refuseOthersOptions(kind: ExampleKind, options: DatasetOptions): void {
  const known: string[] = rolesOf[kind].flatMap(({ option }) => option ?? []);
  if (kind === 'translation') known.push('sourceLanguage', 'targetLanguage');
  const errors = Object.entries(options)
    .filter(([name, value]) => value !== undefined && /(Column|Language)$/.test(name) && !known.includes(name))
    .map(([path]) => ({ path, message: `does not belong to kind ${kind}` }));
  if (errors.length > 0)
    throw new AppError('invalid', errors.map(({ path, message }) => `${path} ${message}`).join('; '), { errors });
}

function readable(part: DatasetPart) {
  try {
    return toUtf8(part.bytes);
  } catch (error) {
    throw inPart(part.field, error);
  }
}

async function inField(field: PartField, read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    throw inPart(field, error);
  }
}

/** An error about a file names the part it came in. */
function inPart(field: PartField, error: unknown): unknown {
  if (!(error instanceof AppError) || error.errors.length > 0) return error;
  const message = where(field) + error.message;
  return new AppError(error.code, message, { next: error.next, cause: error, errors: [{ path: field, message }] });
}

function formatOfFiles(
  kind: ExampleKind,
  { format }: DatasetOptions,
  files: readonly { bytes: Uint8Array; fileName: string }[],
): FileFormat {
  if (files.length > 1 && kind !== 'translation')
    throw new AppError('invalid-file', 'The part is given twice; only parallel text is.');
  if (files.length > 1 && format !== 'auto' && format !== 'lines')
    throw new AppError('invalid', `format: two files are read as lines, not as ${format}`, {
      errors: [{ path: 'format', message: `two files are read as lines, not as ${format}` }],
    });
  const found =
    files.length > 1 ? 'lines' : format === 'auto' ? formatOf(kind, files[0].bytes, files[0].fileName) : format;
  if (!formatsOf[kind].includes(found)) {
    const message = `${kind} is read from ${formatsOf[kind].join(', ')}, not from ${found}`;
    throw new AppError('invalid', `format: ${message}`, { errors: [{ path: 'format', message }] });
  }
  if (found === 'lines' && files.length !== 2)
    throw new AppError('invalid-file', 'Parallel text takes two files: the source lines, then the target lines.');
  return found;
}

function languagesOf(kind: ExampleKind, options: DatasetOptions, columns: Record<string, string> | null) {
  if (kind !== 'translation') return null;
  const named = (name: string | undefined) => (name && /^[a-z]{2,3}(-[A-Za-z]{2,4})?$/.test(name) ? name : undefined);
  const source = options.sourceLanguage ?? named(columns?.source);
  const target = options.targetLanguage ?? named(columns?.target);
  return source || target ? { source: source ?? 'und', target: target ?? 'und' } : null;
}

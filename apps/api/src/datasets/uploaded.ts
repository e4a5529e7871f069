import { createHash } from 'node:crypto';
import { AppError, type DatasetKind, type DatasetOptions, datasetUpload, type FieldError } from '@regatta/contracts';
import { checkValue } from '../http/input.js';
import type { ReceivedFile, ReceivedParts } from '../http/multipart.js';

const fields = datasetUpload.omit({ file: true, validation: true, test: true });
const splitParts = ['file', 'validation', 'test'];

/** What multipart/form-data of an upload may hold. */
export const uploadParts = {
  parts: 'name, kind, file and the options of the kind',
  fileParts: { file: 2, validation: 2, test: 2 },
  largest: 1024 ** 3,
};

/** An upload that was received and understood, but not read yet. */
export interface Uploaded {
  name: string;
  kind: DatasetKind;
  options: DatasetOptions;
  /** The options that say more than the defaults: what is stored, and what tells versions apart. */
  stated: Record<string, string>;
  files: ReceivedFile[];
  /** SHA-256 of the bytes: of the file, or of what the hashes of several are. */
  source: string;
}

/** @throws AppError invalid */
export function uploaded({ fields: given, files }: ReceivedParts): Uploaded {
  const { name, ...options } = checkValue(fields, given, 'form');
  const errors: FieldError[] = [];
  if (!files.some(({ part }) => part === 'file')) errors.push({ path: 'file', message: 'is missing' });
  const ordered = splitParts.flatMap((part) => files.filter((file) => file.part === part));
  const stated = Object.fromEntries(
    Object.entries(options).filter(([key, value]) => key !== 'kind' && value !== undefined && value !== 'auto'),
  ) as Record<string, string>;
  if (options.kind === 'text') errors.push(...notOfText(stated, ordered));
  if (errors.length > 0)
    throw new AppError('invalid', errors.map(({ path, message }) => `${path} ${message}`).join('; '), { errors });
  return { name, kind: options.kind, options, stated, files: ordered, source: sourceOf(ordered) };
}

/** Text has one file and no columns. */
function notOfText(stated: Record<string, string>, files: readonly ReceivedFile[]): FieldError[] {
  const errors = Object.keys(stated).map((path) => ({ path, message: 'does not belong to kind text' }));
  const seen = new Set<string>();
  for (const { part } of files) {
    if (part !== 'file') errors.push({ path: part, message: 'does not belong to kind text' });
    else if (seen.has(part)) errors.push({ path: part, message: 'is given twice' });
    seen.add(part);
  }
  return errors;
}

function sourceOf(files: readonly ReceivedFile[]): string {
  if (files.length === 1) return files[0].sha256;
  const list = files.map(({ part, sha256 }) => `${part} ${sha256}\n`).join('');
  return createHash('sha256').update(list).digest('hex');
}

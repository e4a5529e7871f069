import { AppError, type DatasetOptions, type DatasetSummary, type DatasetWarning } from '@regatta/contracts';
import { toUtf8 } from '../decode-text.js';
import { ExampleCounts, labelsOf } from './counts.js';
import { type Example, type ExampleKind, inputKey, writeExample } from './examples.js';
import { type FileFormat, formatOf, formatsOf } from './format.js';
import type { Found } from './found.js';
import { LeakGuard, shown } from './leak-guard.js';
import { mostLabels } from './limits.js';
import { type PartReader, partReader } from './part-reader.js';
import { rolesOf } from './roles.js';
import { Warnings } from './warnings.js';

export type PartField = 'file' | 'validation' | 'test';

/** A file of an upload. Of parallel text there are two of each field: source lines, then target lines. */
export interface DatasetPart {
  field: PartField;
  fileName: string;
  bytes: Uint8Array;
}

/** Where normalised examples go: appended as JSON Lines, then filtered once. */
export interface ExampleStore {
  append(lines: string): void | Promise<void>;
  /** Keeps the lines (numbered from 0) that `keep` wants, in their order. */
  filter(keep: (line: string, number: number) => boolean): Promise<void>;
}

export interface DatasetContent {
  summary: DatasetSummary;
  warnings: DatasetWarning[];
}

const bufferedLength = 256 * 1024;
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
  const reading = new Reading(kind, store);
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

const where = (field: PartField) => (field === 'file' ? '' : `In ${field}: `);

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

/** What was read so far. */
class Reading {
  readonly warnings = new Warnings();
  private readonly counts = new ExampleCounts();
  private readonly guard = new LeakGuard();
  private readonly heldLabels = new Map<string, { line: number; field: PartField | 'split' }>();
  private buffered = '';
  private taken = 0;
  private dropped = 0;
  private firstProblem: { line: number; problem: string } | undefined;

  constructor(
    private readonly kind: ExampleKind,
    private readonly store: ExampleStore,
  ) {}

  async take(found: Found, field: PartField): Promise<void> {
    if ('problem' in found) {
      this.dropped++;
      this.firstProblem ??= found;
      this.warnings.add(found.line, `${where(field)}${found.problem}`);
      return;
    }
    const { example, line } = found;
    this.taken++;
    this.counts.add(example);
    if (this.counts.labels.size > mostLabels)
      throw new AppError(
        'invalid-file',
        `There are more than ${mostLabels.toLocaleString('en')} different labels: is this the label's column?`,
      );
    if (example.split === 'validation' || example.split === 'test')
      for (const label of labelsOf(example))
        if (!this.heldLabels.has(label)) this.heldLabels.set(label, { line, field });
    this.guard.add(inputKey(this.kind, example), example.split, line);
    this.buffered += writeExample(example);
    if (this.buffered.length > bufferedLength) await this.flush();
  }

  private async flush(): Promise<void> {
    const lines = this.buffered;
    this.buffered = '';
    if (lines !== '') await this.store.append(lines);
  }

  /** @throws AppError `invalid-file` where the part has nothing, or too little, that can be used */
  endPart(field: PartField): void {
    const { taken, dropped, firstProblem } = this;
    Object.assign(this, { taken: 0, dropped: 0, firstProblem: undefined });
    if (taken === 0 && !firstProblem)
      throw new AppError('invalid-file', 'The file holds no example, only a header or blank lines.');
    if (firstProblem && dropped > taken)
      throw new AppError(
        'invalid-file',
        `${taken === 0 ? 'Nothing' : 'Less than half'} of the file can be used: ${taken.toLocaleString('en')} of ${(taken + dropped).toLocaleString('en')} examples. First problem, in line ${firstProblem.line}: ${firstProblem.problem}`,
        {
          next:
            field === 'file'
              ? 'Look at the format, header and column options.'
              : 'It must be of the same form as the training file.',
        },
      );
  }

  async finish(
    encoding: string,
    columns: Record<string, string> | null,
    languages: DatasetSummary['languages'],
  ): Promise<DatasetContent> {
    await this.flush();
    const leaks = await this.removeLeaks();
    this.checkContent();
    const { examples, words } = this.counts;
    const summary = { documents: null, sentences: null, words, examples, splits: this.counts.splitSizes() };
    return {
      summary: { ...summary, labels: this.counts.labelList(), columns, encoding, leaks, languages },
      warnings: this.warnings.list(),
    };
  }

  private async removeLeaks(): Promise<DatasetSummary['leaks']> {
    const removed = this.guard.leaking();
    const shownExamples: { line: number; text: string }[] = [];
    if (removed > 0)
      await this.store.filter((line, number) => {
        if (!this.guard.leaks(number)) return true;
        const example = JSON.parse(line) as Example;
        this.counts.add(example, -1);
        if (shownExamples.length < 10)
          shownExamples.push({ line: this.guard.lineOf(number), text: shown(inputKey(this.kind, example as never)) });
        return false;
      });
    if (removed > 0)
      this.warnings.add(
        shownExamples[0].line,
        `${removed.toLocaleString('en')} training example${removed === 1 ? ' was' : 's were'} left out: the same input is held out for validation or test.`,
      );
    return this.guard.report(shownExamples, removed);
  }

  /** @throws AppError `invalid-file` where nothing can be learnt */
  private checkContent(): void {
    const { counts } = this;
    const refuse = (message: string, next: string) => {
      throw new AppError('invalid-file', message, { next, errors: [{ path: 'file', message }] });
    };
    if (counts.trainExamples === 0)
      refuse(
        'No training example is left: each is in validation or test.',
        'Upload training data that differs from what is held out.',
      );
    if (counts.trained.size === 1)
      refuse(
        `Every ${this.kind === 'tagging' ? 'token has the tag' : 'example has the label'} ${JSON.stringify([...counts.trained.keys()][0])}.`,
        'There must be two different ones at least; look at the column options.',
      );
    if (
      counts.trained.size > 20 &&
      this.kind.endsWith('classification') &&
      counts.trained.size > 0.5 * counts.trainExamples
    )
      refuse(
        `There are ${counts.trained.size.toLocaleString('en')} labels for ${counts.trainExamples.toLocaleString('en')} examples.`,
        'Name the label column, or upload numbers as kind regression.',
      );
    if (this.kind === 'regression' && counts.values.least === counts.values.most)
      refuse(
        `Every value is ${counts.values.least}.`,
        'There must be two different ones at least; look at the column options.',
      );
    const unknown = [...this.heldLabels].filter(([label]) => !counts.trained.has(label));
    if (unknown.length > 0 && unknown.length === this.heldLabels.size)
      refuse('No label of the held-out data occurs in training.', 'Both must use the same labels.');
    for (const [label, { line, field }] of unknown)
      this.warnings.add(
        line,
        `${where(field as PartField)}The label ${JSON.stringify(label)} does not occur in training: no model can learn it.`,
      );
  }
}

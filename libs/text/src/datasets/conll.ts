import { AppError, type DatasetOptions, type SplitName } from '@regatta/contracts';
import type { Found, Warn } from './found.js';
import { longestSequence } from './limits.js';
import { linesOf } from './lines.js';
import { taggingExample } from './tagging.js';

/** A file whose one sentence has more tokens than this has lost the blank lines between its sentences. */
const longestOnly = 200;

interface ConllColumns {
  token: number;
  /** Negative: counted from the end. */
  tag: number;
  /** Columns of most lines. */
  width: number;
  /** CoNLL-U. */
  universal: boolean;
}

/**
 * Sentences of CoNLL's columns: a token a line with its tag behind, by blanks or tabs, a blank line between sentences. Lines that
 * begin with -DOCSTART- and comments (#) are left out.
 * @throws AppError `invalid-file` where there are no blank lines; `invalid` for a column that no line has
 */
export function* conllExamples(
  bytes: Uint8Array,
  options: DatasetOptions,
  split: SplitName | null,
  warn: Warn,
): Generator<Found> {
  const columns = conllColumns(bytes, options);
  let sentences = 0;
  let open: { line: number; tokens: string[]; tags: string[]; problem?: string } | undefined;
  function* close(): Generator<Found> {
    if (!open) return;
    const { line, tokens, tags, problem } = open;
    open = undefined;
    sentences++;
    if (tokens.length > longestSequence)
      warn(line, `A sentence of ${tokens.length.toLocaleString('en')} tokens: is a blank line missing?`);
    if (problem) yield { line, problem };
    else yield { line, ...taggingExample(tokens, tags, split) };
  }
  for (const { line, text } of linesOf(bytes)) {
    if (text.trim() === '') {
      yield* close();
      continue;
    }
    if (isNoToken(text, columns)) continue;
    const cells = cellsOf(text);
    open ??= { line, tokens: [], tags: [] };
    const token = cells[columns.token];
    const tag = cells.at(columns.tag);
    if (cells.length < 2 || token === undefined || tag === undefined)
      open.problem ??= `Line ${line} has ${cells.length} column${cells.length === 1 ? '' : 's'}: a token or its tag is missing, so its sentence was left out.`;
    open.tokens.push(token);
    open.tags.push(tag ?? '');
  }
  if (sentences === 0 && open && open.tokens.length > longestOnly)
    throw new AppError(
      'invalid-file',
      `The file has no blank lines: it would be one sentence of ${open.tokens.length.toLocaleString('en')} tokens.`,
      {
        next: 'Put a blank line after each sentence.',
      },
    );
  yield* close();
}

/** Columns are divided by tabs where a line has any (a token may hold a blank then), else by blanks. */
const cellsOf = (text: string): string[] => (text.includes('\t') ? text.split('\t') : text.trim().split(/ +/));

/** Document marks, comments (which have other columns than tokens do), and CoNLL-U's lines for words that are written as one. */
function isNoToken(text: string, { width, universal }: ConllColumns): boolean {
  if (text.startsWith('-DOCSTART-')) return true;
  if (text.startsWith('#')) return cellsOf(text).length !== width;
  return universal && /^\d+[-.]\d+\t/.test(text);
}

/** CoNLL-U has ten columns: its words are in the second, their parts of speech in the fourth. */
function conllColumns(bytes: Uint8Array, options: DatasetOptions): ConllColumns {
  const widths = new Map<number, number>();
  let seen = 0;
  for (const { text } of linesOf(bytes)) {
    if (text.trim() === '' || text.startsWith('#') || text.startsWith('-DOCSTART-')) continue;
    const { length } = cellsOf(text);
    widths.set(length, (widths.get(length) ?? 0) + 1);
    if (++seen === 1000) break;
  }
  const [[width]] = [...widths].sort((a, b) => b[1] - a[1]).concat([[0, 0]]);
  const universal = width === 10;
  return {
    token: numbered('tokenColumn', options, width) ?? (universal ? 1 : 0),
    tag: numbered('tagColumn', options, width) ?? (universal ? 3 : -1),
    width,
    universal,
  };
}

function numbered(option: 'tokenColumn' | 'tagColumn', options: DatasetOptions, width: number): number | undefined {
  const value = options[option];
  if (value === undefined) return undefined;
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= 1 && number <= width) return number - 1;
  const message = `there is no column ${JSON.stringify(value)}: CoNLL's columns are numbered, here from 1 to ${width}`;
  throw new AppError('invalid', `${option}: ${message}`, { errors: [{ path: option, message }] });
}

/** For the answer. */
export function conllColumnsTaken(bytes: Uint8Array, options: DatasetOptions): Record<string, string> {
  const { token, tag } = conllColumns(bytes, options);
  return { tokens: String(token + 1), tags: tag < 0 ? 'last' : String(tag + 1) };
}

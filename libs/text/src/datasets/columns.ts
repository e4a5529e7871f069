import { AppError, type DatasetOptions } from '@regatta/contracts';
import type { ExampleKind } from './examples.js';
import { storable } from './found.js';
import { type ColumnOption, isLanguage, knownNames, plainName, type Role, rolesOf } from './roles.js';
import { knownSplit } from './split-name.js';
import type { Row } from './table.js';

/** Column numbers, from 0, by what they are taken for. */
export type Columns = Partial<Record<Role, number>>;

const isNumber = (cell: unknown) =>
  typeof cell === 'number' || (typeof cell === 'string' && /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(cell));
const isBlank = (cell: unknown) => cell === undefined || cell === null || String(cell).trim() === '';
const cellsOf = (sample: readonly Row[], column: number) => sample.map(({ cells }) => cells[column]);

/** Whether a table's first row names its columns, by the options, by known names, or by how it differs from the rows below. */
export function hasHeader(kind: ExampleKind, sample: readonly Row[], options: DatasetOptions): boolean {
  if (options.header !== 'auto') return options.header === 'true';
  const [first, ...rest] = sample;
  if (!first) return false;
  const recurs = (column: number) => rest.some(({ cells }) => cells[column] === first.cells[column]);
  const roles = rolesOf[kind];
  const isNamed = (cell: unknown) =>
    roles.some(({ option }) => option && options[option] !== undefined && options[option] === String(cell).trim());
  if (first.cells.some(isNamed)) return true;
  if (first.cells.some((cell) => String(cell).length > 60)) return false;
  const known = new Set(roles.flatMap(({ role }) => knownNames(kind, role)));
  if (first.cells.some((cell, i) => known.has(plainName(cell)) && !recurs(i))) return true;
  if (kind === 'translation') return first.cells.length > 1 && first.cells.slice(0, 2).every(isLanguage);
  if (rest.length === 0) return false;
  const numeric = (i: number) => rest.every(({ cells }) => isNumber(cells[i]));
  if (first.cells.some((cell, i) => !isBlank(cell) && !isNumber(cell) && numeric(i))) return true;
  // One word a cell, and one of them stands above values that recur, which it is not.
  const words = first.cells.every((cell) => /^[\p{L}_][\p{L}\p{N}_.-]{0,29}$/u.test(String(cell)));
  const few = (i: number) => new Set(rest.map(({ cells }) => cells[i])).size <= rest.length / 3;
  return words && rest.length >= 6 && first.cells.some((_, i) => few(i) && !recurs(i));
}

/**
 * Which column is what: by the options, then by known names, then by what stands in it (labels recur, texts are long, scores are numbers).
 * @param names of the header; null where there is none
 * @throws AppError `invalid` for a column that is not there or cannot be told
 */
export function chooseColumns(
  kind: ExampleKind,
  names: readonly string[] | null,
  sample: readonly Row[],
  options: DatasetOptions,
): Columns {
  const width = names?.length ?? Math.max(0, ...sample.map(({ cells }) => cells.length));
  const columns: Columns = {};
  const free = new Set(Array.from({ length: width }, (_, i) => i));
  const take = (role: Role, column: number | undefined) => {
    if (column === undefined) return;
    columns[role] = column;
    free.delete(column);
  };
  const roles = rolesOf[kind];
  for (const { role, option } of roles)
    if (option && options[option] !== undefined) take(role, namedColumn(option, options[option], names, width));
  for (const { role } of roles) if (columns[role] === undefined) take(role, byName(kind, role, names, free));
  if (columns.split === undefined) take('split', splitColumn(names, sample, free));
  const open = () => [...free];
  const missing = (role: Role) => columns[role] === undefined && roles.some((one) => one.role === role);
  if (missing('label')) take('label', kind === 'regression' ? scores(sample, open()) : classes(sample, open()));
  for (const [role, column] of texts(kind, names, sample, columns, open())) take(role, column);
  if (missing('source')) take('source', open()[0]);
  if (missing('target')) take('target', open()[0]);
  if (missing('tokens')) take('tokens', open()[0]);
  if (missing('tags')) take('tags', open().at(-1));
  for (const { role, option, optional } of roles)
    if (!optional && missing(role)) throw noColumn(role, option, names, width);
  return columns;
}

/** The column of an option: a header's name, or a number from 1. @throws AppError `invalid` where there is none such */
function namedColumn(option: ColumnOption, value: string, names: readonly string[] | null, width: number): number {
  const exact = names?.indexOf(value) ?? -1;
  if (exact >= 0) return exact;
  const alike = names?.findIndex((name) => plainName(name) !== '' && plainName(name) === plainName(value)) ?? -1;
  if (alike >= 0) return alike;
  if (/^\d{1,6}$/.test(value) && Number(value) >= 1 && Number(value) <= width) return Number(value) - 1;
  const message = `there is no column ${JSON.stringify(value)}`;
  throw new AppError('invalid', `${option}: ${message}`, {
    next: columnsThere(names, width),
    errors: [{ path: option, message }],
  });
}

function byName(kind: ExampleKind, role: Role, names: readonly string[] | null, free: ReadonlySet<number>) {
  const plain = names?.map(plainName) ?? [];
  for (const name of knownNames(kind, role)) {
    const found = plain.findIndex((one, i) => one === name && free.has(i));
    if (found >= 0) return found;
  }
  return undefined;
}

/** A column named split counts only if it says so: it may be anything else. */
function splitColumn(names: readonly string[] | null, sample: readonly Row[], free: ReadonlySet<number>) {
  const column = names?.findIndex((name, i) => plainName(name) === 'split' && free.has(i)) ?? -1;
  return column >= 0 && cellsOf(sample, column).some((cell) => knownSplit(cell)) ? column : undefined;
}

/**
 * The column with the fewest values, best one whose values recur (two rows each or more), else one that says the same throughout, so
 * that no text is taken for a label of its own; among equals the shorter one.
 */
function classes(sample: readonly Row[], open: number[]): number | undefined {
  const facts = open.map((column) => {
    const cells = cellsOf(sample, column);
    const different = new Set(cells.map(String)).size;
    const gaps = cells.filter(isBlank).length / Math.max(1, cells.length);
    const rank = gaps > 0.1 ? 3 : different === 1 ? 1 : different <= cells.length / 2 ? 0 : 2;
    return { column, different, rank, length: meanLength(cells) };
  });
  facts.sort((a, b) => a.rank - b.rank || a.different - b.different || a.length - b.length);
  return facts[0]?.column;
}

/** The column of numbers, one with fractions before one without (which may count rows). */
function scores(sample: readonly Row[], open: number[]): number | undefined {
  const numeric = open.filter((column) => {
    const cells = cellsOf(sample, column);
    return cells.length > 0 && cells.filter(isNumber).length >= 0.9 * cells.length;
  });
  return (
    numeric.find((column) => cellsOf(sample, column).some((cell) => !Number.isInteger(Number(cell)))) ?? numeric[0]
  );
}

/** The longest columns, for the texts that are not named; of two the one that stands first in the file is the first. */
function texts(
  kind: ExampleKind,
  names: readonly string[] | null,
  sample: readonly Row[],
  columns: Columns,
  open: number[],
): [Role, number][] {
  const roles = rolesOf[kind].filter(({ role }) => role === 'text' || role === 'textPair').map(({ role }) => role);
  const wanted = roles.filter((role) => columns[role] === undefined);
  let found = longest(sample, open).slice(0, wanted.length);
  // Scores are for one text or for two: without names, for two where a second column is about as long as the first.
  if (kind === 'regression' && wanted.includes('textPair')) {
    const [first, second] = found.map((column) => meanLength(cellsOf(sample, column)));
    if (names || wanted.length < 2 || !(second > 12 && second > first / 3)) found = found.slice(0, wanted.length - 1);
  }
  return found.sort((a, b) => a - b).map((column, i) => [wanted[i], column]);
}

function longest(sample: readonly Row[], open: number[]): number[] {
  const lengths = open.map((column) => ({ column, length: meanLength(cellsOf(sample, column)) }));
  return lengths.sort((a, b) => b.length - a.length).map(({ column }) => column);
}

const meanLength = (cells: readonly unknown[]) =>
  cells.reduce((sum: number, cell) => sum + String(cell ?? '').length, 0) / Math.max(1, cells.length);

function noColumn(
  role: Role,
  option: ColumnOption | undefined,
  names: readonly string[] | null,
  width: number,
): AppError {
  const message = `There is no column for ${role === 'label' ? 'the label' : role}.`;
  return new AppError('invalid-file', message, {
    next: `${columnsThere(names, width)}${option ? ` Name it with ${option}.` : ''}`,
    errors: [{ path: option ?? 'file', message }],
  });
}

const columnsThere = (names: readonly string[] | null, width: number) =>
  names
    ? `The columns are ${names.map((name) => JSON.stringify(name)).join(', ')}.`
    : `The file has ${width} column${width === 1 ? '' : 's'} and no header.`;

/** For the answer: what was taken for what, by the header's name or the number from 1. */
export const columnsTaken = (columns: Columns, names: readonly string[] | null): Record<string, string> =>
  Object.fromEntries(
    Object.entries(columns).map(([role, column]) => [role, storable(names?.[column] || String(column + 1))]),
  );

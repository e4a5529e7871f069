import { AppError, type Page } from '@regatta/contracts';
import { z } from 'zod';
import { unstorable } from './unstorable.js';

type Value = string | number | Date;
const cursorShape = z.tuple([z.string(), z.union([z.string(), z.number()]), z.uuid()]);

interface PageQuery {
  limit: number;
  cursor?: string;
}

interface FindArgs {
  where: object;
  orderBy: object[];
  take: number;
}

/**
 * One page of rows sorted by a column (`-` before it: descending) and then by id, behind a cursor that holds the last
 * row's place, so that rows that come in between shift nothing.
 * @throws AppError invalid for a cursor that is not one of ours, or of another sort
 */
export async function pageOf<Row extends { id: string }>(
  query: PageQuery,
  sort: string,
  find: (args: FindArgs) => Promise<Row[]>,
): Promise<Page<Row>> {
  const descending = sort.startsWith('-');
  const column = sort.replace(/^-/, '');
  const direction = descending ? 'desc' : 'asc';
  const rows = await find({
    where: query.cursor === undefined ? {} : after(query.cursor, sort, column, descending),
    orderBy: [{ [column]: direction }, { id: direction }],
    take: query.limit + 1,
  });
  const items = rows.slice(0, query.limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > query.limit && last ? cursorOf(sort, column, last) : null };
}

function cursorOf(sort: string, column: string, row: { id: string }): string {
  const value = (row as unknown as Record<string, Value>)[column];
  return Buffer.from(JSON.stringify([sort, value, row.id])).toString('base64url');
}

function after(cursor: string, sort: string, column: string, descending: boolean): object {
  const [of, value, id] = read(cursor);
  if (of !== sort || !fits(column, value)) throw wrongCursor();
  const place = column === 'createdAt' ? new Date(value) : value;
  const beyond = descending ? 'lt' : 'gt';
  return { OR: [{ [column]: { [beyond]: place } }, { [column]: place, id: { [beyond]: id } }] };
}

function fits(column: string, value: string | number): boolean {
  if (column === 'priority') return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 1000;
  if (typeof value !== 'string' || unstorable(value)) return false;
  return column !== 'createdAt' || !Number.isNaN(Date.parse(value));
}

function read(cursor: string): z.output<typeof cursorShape> {
  try {
    return cursorShape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw wrongCursor();
  }
}

const wrongCursor = (): AppError =>
  new AppError('invalid', 'The cursor is not one of this list', {
    errors: [{ path: 'cursor', message: 'must be the nextCursor of an earlier page of the same list and sort' }],
  });

import { AppError, type Page } from '@regatta/contracts';
import { z } from 'zod';

const cursorShape = z.tuple([z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]), z.uuid()]);

interface PageQuery {
  limit: number;
  cursor?: string;
}

interface FindArgs {
  where: object;
  orderBy: object[];
  take: number;
}

const newestFirst = '-createdAt';

/**
 * One page of rows, newest first and then by id, behind a cursor that holds the last row's place, so that rows that come in between shift
 * nothing.
 * @throws AppError invalid for a cursor that is not one of ours
 */
export async function pageOf<Row extends { id: string; createdAt: Date }>(
  query: PageQuery,
  find: (args: FindArgs) => Promise<Row[]>,
): Promise<Page<Row>> {
  const rows = await find({
    where: query.cursor === undefined ? {} : after(query.cursor),
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: query.limit + 1,
  });
  const items = rows.slice(0, query.limit);
  const last = items.at(-1);
  return {
    items,
    nextCursor: rows.length > query.limit && last ? cursorOf(newestFirst, last.createdAt, last.id) : null,
  };
}

function after(cursor: string): object {
  const { value, id } = readCursor(cursor, newestFirst);
  const time = timeOf(value);
  if (!time) throw wrongCursor();
  return { OR: [{ createdAt: { lt: time } }, { createdAt: time, id: { lt: id } }] };
}

/** A cursor's value as a time that the database can hold. */
export function timeOf(value: unknown): Date | undefined {
  const time = new Date(typeof value === 'string' ? value : Number.NaN);
  return time.getUTCFullYear() > 0 && time.getUTCFullYear() < 10_000 ? time : undefined;
}

/** The place of a row in a list: by what it is sorted, the row's value of that, and the row's id. */
export function cursorOf(sort: string, value: unknown, id: string): string {
  return Buffer.from(JSON.stringify([sort, value, id])).toString('base64url');
}

/** @throws AppError invalid for a cursor that is not one of ours, or of another sort */
export function readCursor(cursor: string, sort: string): { value: string | number | boolean | null; id: string } {
  try {
    const [of, value, id] = cursorShape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    if (of === sort) return { value, id };
  } catch {
    // said below
  }
  throw wrongCursor();
}

export const wrongCursor = (): AppError =>
  new AppError('invalid', 'The cursor is not one of this list', {
    errors: [{ path: 'cursor', message: 'must be the nextCursor of an earlier page of the same list and sort' }],
  });

import type { Page, Run, runListQuery } from '@regatta/contracts';
import type { z } from 'zod';
import { Prisma } from '../database/database.js';
import { cursorOf, readCursor, timeOf, wrongCursor } from '../http/paging.js';
import { unstorable } from '../http/unstorable.js';
import { readRuns } from './read-runs.js';
import { type RunRow, runView } from './run-view.js';

type Query = z.output<typeof runListQuery>;

/** What a list is sorted by. */
interface Column {
  expression: Prisma.Sql;
  /** Whether some runs have no such value: they come last. */
  nullable: boolean;
  of(row: RunRow): unknown;
  /** A cursor's value as SQL; undefined where it is none of this column. */
  place(value: unknown): Prisma.Sql | undefined;
}

const plain: Record<string, Column> = {
  name: {
    expression: Prisma.sql`r.name`,
    nullable: false,
    of: (row) => row.name,
    place: (value) => (typeof value === 'string' && !unstorable(value) ? Prisma.sql`${value}::text` : undefined),
  },
  priority: {
    expression: Prisma.sql`r.priority`,
    nullable: false,
    of: (row) => row.priority,
    place: (value) =>
      Number.isInteger(value) && Math.abs(value as number) <= 1000 ? Prisma.sql`${value}::int` : undefined,
  },
  createdAt: {
    expression: Prisma.sql`r."createdAt"`,
    nullable: false,
    of: (row) => row.createdAt,
    place: (value) => {
      const time = timeOf(value);
      return time && Prisma.sql`${time}::timestamptz`;
    },
  },
};

/** `metrics.NAME` or `config.PATH`: JSON, ordered as PostgreSQL orders it, which is by number or by letter among equals in kind. */
function jsonColumn(name: string): Column {
  const [root, ...rest] = name.split('.');
  const path = root === 'metrics' ? [rest.join('.')] : rest;
  const column = root === 'metrics' ? Prisma.sql`r.metrics` : Prisma.sql`r.config`;
  return {
    expression: Prisma.sql`(CASE WHEN jsonb_typeof(${column} #> ${path}::text[]) IN ('number', 'string', 'boolean')
      THEN ${column} #> ${path}::text[] END)`,
    nullable: true,
    of: (row) => {
      const value = valueAt(root === 'metrics' ? row.metrics : row.config, path);
      return typeof value === 'object' ? null : value;
    },
    place: (value) => (unstorable(value) ? undefined : Prisma.sql`${JSON.stringify(value)}::jsonb`),
  };
}

/** One page of the runs that a query asks for. @throws AppError invalid for a cursor that is not of this list and sort */
export async function listRuns(database: Parameters<typeof readRuns>[0], query: Query): Promise<Page<Run>> {
  const name = query.sort.replace(/^-/, '');
  const column = plain[name] ?? jsonColumn(name);
  const direction = query.sort.startsWith('-') ? Prisma.sql`DESC` : Prisma.sql`ASC`;
  const last = column.nullable ? Prisma.sql`NULLS LAST` : Prisma.empty;
  const order = Prisma.sql`ORDER BY ${column.expression} ${direction} ${last}, r.id ${direction}`;
  const conditions = [...filters(query), ...(query.cursor === undefined ? [] : [after(query, column)])];
  const where = conditions.length === 0 ? Prisma.empty : Prisma.sql`WHERE ${Prisma.join(conditions, ' AND ')}`;
  const rows = await readRuns(database, Prisma.sql`${where} ${order} LIMIT ${query.limit + 1}`, order);
  const items = rows.slice(0, query.limit);
  const end = items.at(-1);
  const nextCursor = rows.length > query.limit && end ? cursorOf(query.sort, column.of(end) ?? null, end.id) : null;
  return { items: items.map(runView), nextCursor };
}

function filters({ status, task, project, tag, text }: Query): Prisma.Sql[] {
  const conditions: Prisma.Sql[] = [];
  if (status !== undefined) conditions.push(Prisma.sql`r.status = ${status}`);
  if (task !== undefined) conditions.push(Prisma.sql`r.task = ${task}`);
  if (tag !== undefined) conditions.push(Prisma.sql`${tag} = ANY(r.tags)`);
  if (project !== undefined)
    conditions.push(Prisma.sql`r."projectId" = (SELECT id FROM "Project" WHERE name = ${project})`);
  if (text !== undefined) {
    const like = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
    conditions.push(Prisma.sql`(r.name ILIKE ${like} OR r.notes ILIKE ${like}
      OR r."datasetId" IN (SELECT id FROM "Dataset" WHERE name ILIKE ${like}))`);
  }
  return conditions;
}

function after({ cursor, sort }: Query, { expression, nullable, place }: Column): Prisma.Sql {
  const { value, id } = readCursor(cursor as string, sort);
  const beyond = sort.startsWith('-') ? Prisma.sql`<` : Prisma.sql`>`;
  if (nullable && value === null) return Prisma.sql`(${expression} IS NULL AND r.id ${beyond} ${id}::uuid)`;
  const at = place(value);
  if (!at) throw wrongCursor();
  const behind = Prisma.sql`(${expression}, r.id) ${beyond} (${at}, ${id}::uuid)`;
  return nullable ? Prisma.sql`(${behind} OR ${expression} IS NULL)` : behind;
}

function valueAt(from: unknown, path: string[]): unknown {
  return path.reduce((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], from);
}

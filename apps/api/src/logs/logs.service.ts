import { Injectable } from '@nestjs/common';
import { AppError, type LogLine, logLevels, type logQuery, type Page } from '@regatta/contracts';
import type { z } from 'zod';
import { Database } from '../database/database.js';

/** What the workers logged about a run. */
@Injectable()
export class LogsService {
  constructor(private readonly database: Database) {}

  /** The cursor is the id of the page's last line; ids are stored in their order, so whoever follows the end misses none. */
  async list(runId: string, query: z.output<typeof logQuery>): Promise<Page<LogLine>> {
    if (query.cursor !== undefined && !/^\d{1,18}$/.test(query.cursor))
      throw new AppError('invalid', 'The cursor is not one of this list', {
        errors: [{ path: 'cursor', message: 'must be the nextCursor of an earlier page, or the id of a line' }],
      });
    if (!(await this.database.run.count({ where: { id: runId } })))
      throw new AppError('not-found', `There is no run ${runId}`);
    const newestFirst = query.sort === '-time';
    const after = query.cursor === undefined ? undefined : BigInt(query.cursor);
    const rows = await this.database.logLine.findMany({
      where: {
        runId,
        rank: query.rank,
        level: query.level && { gte: logLevels.indexOf(query.level) },
        text: query.text && { contains: query.text.replace(/[\\%_]/g, '\\$&'), mode: 'insensitive' },
        id: newestFirst ? { lt: after } : { gt: after },
      },
      orderBy: { id: newestFirst ? 'desc' : 'asc' },
      take: query.limit + 1,
    });
    const items = rows.slice(0, query.limit).map((row) => ({
      id: String(row.id),
      time: row.time.toISOString(),
      level: logLevels[row.level],
      rank: row.rank,
      source: row.source as LogLine['source'],
      worker: row.writer,
      text: row.text,
    }));
    return { items, nextCursor: rows.length > query.limit ? (items.at(-1)?.id ?? null) : null };
  }
}

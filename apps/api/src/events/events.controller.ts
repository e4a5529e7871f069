import { Controller } from '@nestjs/common';
import { AppError } from '@regatta/contracts';
import { Database } from '../database/database.js';
import { Handles, Input, type InputOf } from '../http/route.js';
import { listEvents } from './events.routes.js';

@Controller()
export class EventsController {
  constructor(private readonly database: Database) {}

  /** The cursor is the id of the page's last event. */
  @Handles(listEvents)
  async list(@Input() { params, query }: InputOf<typeof listEvents>) {
    if (query.cursor !== undefined && !/^\d{1,18}$/.test(query.cursor))
      throw new AppError('invalid', 'The cursor is not one of this list', {
        errors: [{ path: 'cursor', message: 'must be the nextCursor of an earlier page' }],
      });
    if (!(await this.database.run.count({ where: { id: params.id } })))
      throw new AppError('not-found', `There is no run ${params.id}`);
    const rows = await this.database.event.findMany({
      where: { runId: params.id, id: { gt: BigInt(query.cursor ?? 0) } },
      orderBy: { id: 'asc' },
      take: query.limit + 1,
    });
    const items = rows.slice(0, query.limit).map((row) => ({
      id: String(row.id),
      type: row.type,
      time: row.time.toISOString(),
      step: row.step,
      generation: row.generation,
      message: row.message,
      data: row.data,
    }));
    return { items, nextCursor: rows.length > query.limit ? (items.at(-1)?.id ?? null) : null };
  }
}

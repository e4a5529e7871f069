import { Injectable } from '@nestjs/common';
import { AppError, type Page, type Samples, type samplesQuery } from '@regatta/contracts';
import type { z } from 'zod';
import { Database } from '../database/database.js';

/** What the evaluations of a run left besides numbers. */
@Injectable()
export class SamplesService {
  constructor(private readonly database: Database) {}

  /** Newest first. The cursor is the step and kind of the page's last one. @throws AppError not-found, invalid */
  async list(runId: string, query: z.output<typeof samplesQuery>): Promise<Page<Samples>> {
    if (!(await this.database.run.count({ where: { id: runId } })))
      throw new AppError('not-found', `There is no run ${runId}`);
    const after = query.cursor === undefined ? undefined : place(query.cursor);
    const rows = await this.database.sample.findMany({
      where: {
        runId,
        kind: query.kind,
        step: query.step,
        OR: after && [{ step: { lt: after.step } }, { step: after.step, kind: { gt: after.kind } }],
      },
      orderBy: [{ step: 'desc' }, { kind: 'asc' }],
      take: query.limit + 1,
    });
    const items = rows.slice(0, query.limit).map(({ step, kind, data, time }) => ({
      step,
      kind: kind as Samples['kind'],
      data,
      time: time.toISOString(),
    }));
    const last = items.at(-1);
    return { items, nextCursor: rows.length > query.limit && last ? `${last.step}.${last.kind}` : null };
  }
}

function place(cursor: string): { step: number; kind: string } {
  const [, step, kind] = /^(\d{1,9})\.([a-z-]{1,50})$/.exec(cursor) ?? [];
  if (step === undefined)
    throw new AppError('invalid', 'The cursor is not one of this list', {
      errors: [{ path: 'cursor', message: 'must be the nextCursor of an earlier page' }],
    });
  return { step: Number(step), kind };
}

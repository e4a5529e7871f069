import { Controller } from '@nestjs/common';
import { AppError } from '@regatta/contracts';
import { z } from 'zod';
import { Database } from '../database/database.js';
import { Handles, Input, type InputOf } from '../http/route.js';
import { type Compared, compare } from './compare.js';
import { compareRuns } from './compare.routes.js';
import { statusOf } from './run-view.js';

const select = {
  id: true,
  name: true,
  task: true,
  status: true,
  step: true,
  config: true,
  metrics: true,
  dataset: { select: { name: true, version: true } },
} as const;

@Controller()
export class CompareController {
  constructor(private readonly database: Database) {}

  /** The dataset of each run stands in its configuration with the version that it was given. */
  @Handles(compareRuns)
  async compare(@Input() { query: { runIds } }: InputOf<typeof compareRuns>) {
    const ids = runIds.filter((id) => z.uuid().safeParse(id).success);
    const rows = await this.database.run.findMany({ where: { id: { in: ids } }, select });
    const byId = new Map(rows.map((row) => [row.id, row]));
    return compare(
      runIds.map((id): Compared => {
        const row = byId.get(id);
        if (!row)
          throw new AppError('not-found', `There is no run ${id.slice(0, 100)}`, { next: 'Leave it out of runIds' });
        const { dataset, ...rest } = row;
        const config = {
          ...(row.config as Record<string, unknown>),
          ...(dataset && { dataset: `${dataset.name}@${dataset.version}` }),
        };
        return { ...rest, status: statusOf(row), config, metrics: row.metrics as Compared['metrics'] };
      }),
    );
  }
}

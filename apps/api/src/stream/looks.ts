import { Injectable } from '@nestjs/common';
import { isFinished } from '@regatta/contracts';
import { Database, Prisma } from '../database/database.js';
import { RecentPoints } from '../persister/recent-points.js';
import { RunChanges } from '../persister/run-changes.js';
import { readRuns } from '../runs/read-runs.js';
import { type RunRow, statusOf } from '../runs/run-view.js';
import { frame } from './event-sink.js';
import type { Reason } from './news.js';
import { readAfter } from './sequence-reader.js';

export const pageSize = 1000;

/** What there is behind a place in a run's stream. */
export interface Look {
  /** The run; null where there is none any more, undefined where nothing of it can have changed. */
  row?: RunRow | null;
  /** The points and events as they are sent, and the id of the last. */
  text: string;
  last: bigint;
  /** Whether there may be more behind them. */
  full: boolean;
}

/** Looks after what is new of a run, once for all that ask the same at the same time. */
@Injectable()
export class Looks {
  private readonly asked = new Map<string, Promise<Look>>();
  private rows?: { ids: Set<string>; found: Promise<Map<string, RunRow>> };
  private sequence?: Promise<bigint>;

  constructor(
    private readonly database: Database,
    private readonly changes: RunChanges,
    private readonly recent: RecentPoints,
  ) {}

  look(runId: string, after: bigint, reason: Reason): Promise<Look> {
    const key = `${runId} ${after} ${reason} ${this.changes.count}`;
    const asked = this.asked.get(key) ?? this.read(runId, after, reason).finally(() => this.asked.delete(key));
    this.asked.set(key, asked);
    return asked;
  }

  private async read(runId: string, after: bigint, reason: Reason): Promise<Look> {
    // Where only points came, the database need not be asked. Else the run before its rows: when it says "finished", all its rows are committed.
    const row = reason === 'points' ? undefined : await this.run(runId);
    const known =
      reason === 'points' || (reason === 'time' && row && !isFinished(statusOf(row)) && (await this.allKnown()));
    const points = known ? this.recent.after(runId, after)?.slice(0, pageSize) : undefined;
    if (points) {
      const text = points.map(({ id, point: { name, step, value, time } }) =>
        frame('metric', id, { name, step, value, time }),
      );
      return { row, text: text.join(''), last: points.at(-1)?.id ?? after, full: points.length === pageSize };
    }
    const rows = await readAfter(this.database, runId, after, pageSize);
    const text = rows.map(({ id, kind, data }) => frame(kind, id, data)).join('');
    return { row, text, last: rows.at(-1)?.id ?? after, full: rows.length === pageSize };
  }

  /** The run, asked for together with the others that are asked for in the same turn. */
  async run(id: string): Promise<RunRow | null> {
    this.rows ??= this.together();
    this.rows.ids.add(id);
    return (await this.rows.found).get(id) ?? null;
  }

  private together() {
    const ids = new Set<string>();
    const found = new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
      this.rows = undefined;
      const rows = await readRuns(this.database, Prisma.sql`WHERE r.id = ANY(${[...ids]}::uuid[])`);
      return new Map(rows.map((row) => [row.id, row]));
    });
    return { ids, found };
  }

  /** Whether this process has seen all that is stored, of any run. */
  private async allKnown(): Promise<boolean> {
    this.sequence ??= this.readSequence().finally(() => {
      this.sequence = undefined;
    });
    return this.recent.isEnd(await this.sequence);
  }

  private async readSequence(): Promise<bigint> {
    const [cursor] = await this.database.$queryRaw<{ sequence: bigint }[]>`
      SELECT sequence FROM "StreamCursor" WHERE id = 1`;
    return cursor?.sequence ?? 0n;
  }
}

import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { finishedStatuses, isFinished } from '@regatta/contracts';
import type { Logger } from 'pino';
import { Database, Prisma } from '../database/database.js';
import { RunChanges } from '../persister/run-changes.js';
import { LOGGER } from '../tokens.js';
import { WorkersService } from '../workers/workers.service.js';
import { appendEvent } from './ledger.js';
import { readRun, readRuns } from './read-runs.js';
import { type KnownRun, needsAnnouncing, RunControl } from './run-control.js';
import { type RunRow, statusOf, unfinished } from './run-view.js';

const everyMs = 2000;

/**
 * Makes the control Redis agree with the rows, at start and every two seconds: so a crash between a run's row and its
 * job, and a Redis that was away or has lost its memory, lose no run.
 */
@Injectable()
export class Reconciler implements OnApplicationBootstrap, OnModuleDestroy {
  private timer?: NodeJS.Timeout;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;
  private readonly turns = new Map<string, Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly control: RunControl,
    private readonly workers: WorkersService,
    private readonly changes: RunChanges,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.loop();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async loop(): Promise<void> {
    try {
      await this.reconcileAll();
      await this.tidyUp();
    } catch (error) {
      this.logger.warn({ err: error }, 'reconciling will be tried again');
    }
    if (!this.stopped)
      this.timer = setTimeout(() => {
        this.running = this.loop();
      }, everyMs);
  }

  /** One pass over all unfinished runs. */
  async reconcileAll(): Promise<void> {
    const rows = await readRuns(this.database, Prisma.sql`WHERE r.status <> ALL(${[...finishedStatuses]})`);
    if (rows.length === 0) return;
    const known = await this.control.known(rows.map((row) => row.id));
    for (const row of rows) {
      const { id, desired } = row;
      const redis = known.get(id) as KnownRun;
      if (desired === 'cancelled' || needsAnnouncing(row, redis)) await this.reconcile(id);
    }
  }

  /** Removes the keys of the runs that are over, once their end is stored, or their row is gone. Nobody but this API reads them any more. */
  async tidyUp(): Promise<void> {
    const over = await this.control.over();
    if (over.length === 0) return;
    const rows = await this.database.run.findMany({ where: { id: { in: over } }, select: { id: true, status: true } });
    const goesOn = new Set(rows.filter((row) => !isFinished(statusOf(row))).map(({ id }) => id));
    const done = over.filter((id) => !goesOn.has(id));
    if (done.length > 0) await this.control.remove(done);
  }

  /**
   * Compares one run's row with what Redis says of it. One at a time and from the row as it is then, so that what was
   * wished last is what Redis hears last.
   */
  reconcile(runId: string): Promise<void> {
    const before = this.turns.get(runId) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(() => this.compare(runId));
    this.turns.set(runId, turn);
    const done = () => this.turns.get(runId) === turn && this.turns.delete(runId);
    turn.then(done, done);
    return turn;
  }

  private async compare(runId: string): Promise<void> {
    // Redis first: a run whose keys were removed because it is finished has a row that says so.
    const known = (await this.control.known([runId])).get(runId) as KnownRun;
    const row = await readRun(this.database, runId);
    if (!row || isFinished(statusOf(row))) return;
    if (row.desired === 'cancelled' && (await this.cancelUnattended(row, known))) return;
    // Redis has lost the run: its coordinator starts again to count epochs from 0.
    if (!known.status && !known.spec && row.stateEpoch >= 0)
      await this.database.run.update({ where: { id: row.id }, data: { stateEpoch: -1 } });
    if (!needsAnnouncing(row, known)) return;
    await this.control.announce(row);
    // Its end may have been stored, and its keys removed, between the look and the word.
    const now = await this.database.run.findUnique({ where: { id: runId }, select: { status: true } });
    if (!now || isFinished(statusOf(now))) await this.control.remove([runId]);
  }

  /** A run that is to be cancelled while no worker is alive: there is no coordinator to do it, and nothing to stop. */
  private async cancelUnattended(row: RunRow, known: KnownRun): Promise<boolean> {
    if (await this.workers.anyAlive()) return false;
    if (needsAnnouncing(row, known)) await this.control.announce(row);
    const now = new Date();
    const cancelled = await this.database.$transaction(async (tx) => {
      const message = 'Cancelled while no worker was there';
      const event = {
        key: 'cancelled',
        type: 'cancelled',
        message,
        step: row.step,
        generation: row.generation,
        time: now,
      };
      await appendEvent(tx, row.id, event);
      const { count } = await tx.run.updateMany({
        where: { id: row.id, status: unfinished },
        data: { status: 'cancelled', finishedAt: now, workers: [] },
      });
      return count === 1;
    });
    if (cancelled) await this.control.forget(row.id);
    this.changes.notify([row.id]);
    return true;
  }
}

import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { AppError, isFinished, type Run } from '@regatta/contracts';
import { Database } from '../database/database.js';
import { RecentPoints } from '../persister/recent-points.js';
import { RunChanges } from '../persister/run-changes.js';
import { runView, statusOf } from '../runs/run-view.js';
import type { EventSink } from './event-sink.js';
import { Looks } from './looks.js';
import { News, type Reason } from './news.js';
import { newestId } from './sequence-reader.js';

/** Another API process may have stored something: looked after at least so often. */
const tickMs = 1000;
const heartbeatMs = 10_000;

/** Follows a run through the database, which alone says what is stored and in which order. */
@Injectable()
export class StreamService implements OnModuleDestroy {
  private readonly open = new Set<EventSink>();

  constructor(
    private readonly database: Database,
    private readonly changes: RunChanges,
    private readonly recent: RecentPoints,
    private readonly looks: Looks,
  ) {}

  /** Readers reconnect by themselves, to the next process. */
  onModuleDestroy(): void {
    for (const sink of this.open) {
      sink.gone.abort();
      sink.end();
    }
  }

  /** @throws AppError not-found */
  async mustExist(runId: string): Promise<void> {
    if (!(await this.looks.run(runId))) throw new AppError('not-found', `There is no run ${runId}`);
  }

  /** Where a reader starts that takes what was before from elsewhere (the metrics and events of the run). */
  newest(runId: string): Promise<bigint> {
    return newestId(this.database, runId);
  }

  /** Sends all behind `from`, then what comes, until the run has ended and all of it was sent, or the reader is gone. */
  async follow(runId: string, from: bigint, sink: EventSink): Promise<void> {
    const news = new News((listener) => this.changes.subscribe(runId, listener));
    const unfollow = this.recent.follow(runId);
    this.open.add(sink);
    try {
      await this.send(runId, from, sink, news);
    } finally {
      this.open.delete(sink);
      news.close();
      unfollow();
      sink.end();
    }
  }

  private async send(runId: string, from: bigint, sink: EventSink, news: News): Promise<void> {
    let last = from;
    let told = '';
    let quietSince = Date.now();
    let reason: Reason = 'any';
    while (sink.open) {
      const { row, text, last: end, full } = await this.looks.look(runId, last, reason);
      await sink.write(text);
      if (end > last) quietSince = Date.now();
      last = end;
      if (full) continue;
      if (row === null) return sink.send('end', last, { reason: 'deleted' });
      if (row) {
        const view = runView(row);
        const status = fingerprint(view);
        if (status !== told) {
          await sink.send('status', last, view);
          quietSince = Date.now();
        }
        if (isFinished(statusOf(row))) return sink.send('end', last, { status: row.status });
        told = status;
      }
      if (Date.now() - quietSince > heartbeatMs) {
        await sink.heartbeat();
        quietSince = Date.now();
      }
      reason = await news.next(tickMs, sink.gone.signal);
    }
  }
}

/** What makes a status worth sending: all but the numbers that the metrics tell at every step. */
function fingerprint({ progress, metrics, ...rest }: Run): string {
  return JSON.stringify(rest);
}

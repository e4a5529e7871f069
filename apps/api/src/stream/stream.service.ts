import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { AppError, isFinished, type Run } from '@regatta/contracts';
import { Database } from '../database/database.js';
import { RunChanges } from '../persister/run-changes.js';
import { type RunRow, runInclude, runView, statusOf } from '../runs/run-view.js';
import type { EventSink } from './event-sink.js';
import { newestId, readAfter, type StreamRow } from './sequence-reader.js';

const pageSize = 1000;
/** Another API process may have stored something: looked after at least so often. */
const tickMs = 1000;
const heartbeatMs = 10_000;

/** A run and a page of what happened to it. */
interface Look {
  row: RunRow | null;
  rows: StreamRow[];
}

/** Follows a run through the database, which alone says what is stored and in which order. */
@Injectable()
export class StreamService implements OnModuleDestroy {
  private readonly open = new Set<EventSink>();
  private readonly looks = new Map<string, Promise<Look>>();

  constructor(
    private readonly database: Database,
    private readonly changes: RunChanges,
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
    if (!(await this.run(runId))) throw new AppError('not-found', `There is no run ${runId}`);
  }

  /** Where a reader starts that takes what was before from elsewhere (the metrics and events of the run). */
  newest(runId: string): Promise<bigint> {
    return newestId(this.database, runId);
  }

  /** Sends all behind `from`, then what comes, until the run has ended and all of it was sent, or the reader is gone. */
  async follow(runId: string, from: bigint, sink: EventSink): Promise<void> {
    const news = new News((listener) => this.changes.subscribe(runId, listener));
    this.open.add(sink);
    try {
      await this.send(runId, from, sink, news);
    } finally {
      this.open.delete(sink);
      news.close();
      sink.end();
    }
  }

  private async send(runId: string, from: bigint, sink: EventSink, news: News): Promise<void> {
    let last = from;
    let told = '';
    let quietSince = Date.now();
    while (sink.open) {
      const { row, rows } = await this.look(runId, last);
      for (const { id, kind, data } of rows) {
        await sink.send(kind, id, data);
        last = id;
      }
      if (rows.length === pageSize) continue;
      if (!row) return sink.send('end', last, { reason: 'deleted' });
      const view = runView(row);
      const status = fingerprint(view);
      if (status !== told) await sink.send('status', last, view);
      if (isFinished(statusOf(row))) return sink.send('end', last, { status: row.status });
      if (rows.length > 0 || status !== told) quietSince = Date.now();
      told = status;
      if (Date.now() - quietSince > heartbeatMs) {
        await sink.heartbeat();
        quietSince = Date.now();
      }
      await news.next(tickMs, sink.gone.signal);
    }
  }

  /** Many readers of a run wake at once and ask the same: one of them asks, unless something was stored since. */
  private look(runId: string, after: bigint): Promise<Look> {
    const key = `${runId} ${after} ${this.changes.count}`;
    const asked = this.looks.get(key) ?? this.read(runId, after).finally(() => this.looks.delete(key));
    this.looks.set(key, asked);
    return asked;
  }

  private async read(runId: string, after: bigint): Promise<Look> {
    // The run before its rows: when it says "finished", all its rows are committed.
    const row = await this.run(runId);
    return { row, rows: await readAfter(this.database, runId, after, pageSize) };
  }

  private run(id: string): Promise<RunRow | null> {
    return this.database.run.findUnique({ where: { id }, include: runInclude });
  }
}

/** What makes a status worth sending: all but the numbers that the metrics tell at every step. */
function fingerprint({ progress, metrics, ...rest }: Run): string {
  return JSON.stringify(rest);
}

/** Waits for a change, and misses none that comes while its owner is busy. */
class News {
  private pending = false;
  private wake?: () => void;
  private readonly unsubscribe: () => void;

  constructor(subscribe: (listener: () => void) => () => void) {
    this.unsubscribe = subscribe(() => {
      this.pending = true;
      this.wake?.();
    });
  }

  async next(longestMs: number, gone: AbortSignal): Promise<void> {
    if (!this.pending && !gone.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, longestMs);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
        gone.addEventListener('abort', this.wake, { once: true });
      });
      if (this.wake) gone.removeEventListener('abort', this.wake);
      this.wake = undefined;
    }
    this.pending = false;
  }

  close(): void {
    this.unsubscribe();
  }
}

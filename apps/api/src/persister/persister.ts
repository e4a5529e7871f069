import { setTimeout as wait } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { keys } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { Database } from '../database/database.js';
import { outage } from '../http/outage.js';
import { ControlRedis } from '../redis/control-redis.js';
import { LOGGER } from '../tokens.js';
import { nextId, putAside, type RawEntry } from './entries.js';
import { RecentPoints } from './recent-points.js';
import { RunChanges } from './run-changes.js';
import { StepRates } from './step-rate.js';
import { type StoredBatch, storeBatch } from './store-batch.js';

const batchSize = 500;
const blockMs = 200;
const longestPauseMs = 5000;

/**
 * Brings what the workers tell (keys.stream) into the database, each entry exactly once. While Redis or the database is
 * away it tries again; the stream keeps everything until it is stored, and is trimmed only behind that.
 */
@Injectable()
export class Persister implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly rates = new StepRates();
  private readonly stopping = new AbortController();
  private reader?: Redis;
  private position?: string;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly redis: ControlRedis,
    private readonly changes: RunChanges,
    private readonly recent: RecentPoints,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.reader = this.redis.blocking();
    this.running = this.loop(this.reader);
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    this.reader?.disconnect();
    await this.running;
  }

  private async loop(reader: Redis): Promise<void> {
    let pauseMs = 0;
    while (!this.stopping.signal.aborted) {
      try {
        await this.next(reader);
        pauseMs = 0;
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        pauseMs = Math.min(longestPauseMs, Math.max(100, 2 * pauseMs));
        this.logger.warn({ err: error }, 'storing what the workers tell will be tried again');
        await wait(pauseMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      }
    }
  }

  private async next(reader: Redis): Promise<void> {
    this.position ??= await this.storedPosition();
    const reading = reader.xread('COUNT', batchSize, 'BLOCK', blockMs, 'STREAMS', keys.stream, this.position);
    const answer = await unlessAborted(reading, this.stopping.signal);
    const entries = answer?.[0]?.[1] ?? [];
    if (entries.length === 0) return;
    const raw = entries.map(([id, fields]) => ({ id, data: field(fields, 'data') }));
    const stored = await this.store(raw);
    this.position = stored.position;
    this.changes.notify(stored.changed.points, 'points');
    this.changes.notify(stored.changed.any);
    await this.redis.xtrim(keys.stream, 'MINID', nextId(stored.position));
  }

  /** A batch that the database refuses is stored entry by entry; the one at fault is put aside, never in the way. */
  private async store(raw: RawEntry[]): Promise<StoredBatch> {
    try {
      return await storeBatch(this.database, raw, this.rates, this.recent);
    } catch (error) {
      if (outage(error) || this.stopping.signal.aborted) throw error;
      if (raw.length > 1) {
        const half = raw.length >> 1;
        const first = await this.store(raw.slice(0, half));
        const second = await this.store(raw.slice(half));
        const any = [first, second].flatMap(({ changed }) => [...changed.points, ...changed.any]);
        return { position: second.position, changed: { points: [], any } };
      }
      this.logger.error({ err: error, entryId: raw[0].id }, 'an entry of the stream was put aside');
      const aside = putAside(raw[0].id, raw[0].data ?? '', error);
      return storeBatch(this.database, [{ id: raw[0].id, data: undefined }], this.rates, this.recent, [aside]);
    }
  }

  private async storedPosition(): Promise<string> {
    const start = { id: 1, position: '0-0', sequence: 0n };
    await this.database.streamCursor.createMany({ data: start, skipDuplicates: true });
    const cursor = await this.database.streamCursor.findUniqueOrThrow({ where: { id: 1 } });
    return cursor.position;
  }
}

/**
 * What is waited for, unless the signal comes first. A read that waits for a Redis that is away is not broken off by disconnecting: between
 * two attempts to connect, ioredis keeps it for ever.
 */
function unlessAborted<T>(waited: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    waited.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function field(fields: string[], name: string): string | undefined {
  const at = fields.findIndex((key, i) => i % 2 === 0 && key === name);
  return at < 0 ? undefined : fields[at + 1];
}

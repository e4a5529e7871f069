import { AppError, keys, type WorkerBeat, type worker, workerBeat } from '@regatta/contracts';
import type { z } from 'zod';
import { Database } from '../database/database.js';
import { ControlRedis } from '../redis/control-redis.js';
import { warningOf } from './warning.js';

const lostMs = 3000;
const forgottenMs = 3600_000;
const recordedEveryMs = 10_000;

export type WorkerView = z.output<typeof worker>;

/** The workers, by their heartbeats in the control Redis; ages are measured by that server's clock alone. */
export class WorkersService {
  private recordedAt = 0;

  constructor(
    private readonly redis: ControlRedis,
    private readonly database: Database,
    private readonly chaos: boolean,
  ) {}

  async list(): Promise<WorkerView[]> {
    const { beats, now } = await this.beats();
    const present = beats.filter((beat) => now - beat.beat <= forgottenMs);
    const gone = beats.filter((beat) => now - beat.beat > forgottenMs).map((beat) => beat.id);
    if (gone.length > 0) {
      await this.redis.hdel(keys.workers, ...gone);
      await this.redis.srem(keys.drained, ...gone);
    }
    await this.record(present, now);
    const alive = present.filter((beat) => now - beat.beat <= lostMs);
    return present
      .map((beat) => ({
        ...view(beat, now),
        warning: now - beat.beat > lostMs ? null : warningOf(beat, alive),
        chaos: this.chaos && beat.chaos === true,
      }))
      .sort((a, b) => a.host.localeCompare(b.host) || a.id.localeCompare(b.id));
  }

  /**
   * Wants a worker out of all runs, or back; the worker does so by itself.
   * @throws AppError not-found; conflict where nobody would hear it
   */
  async drain(id: string, drained: boolean): Promise<WorkerView> {
    const worker = (await this.list()).find((one) => one.id === id);
    if (!worker) throw new AppError('not-found', `There is no worker ${JSON.stringify(id.slice(0, 100))}`);
    if (worker.status === 'lost') throw new AppError('conflict', `The worker ${id} is lost: it does not answer`);
    await (drained ? this.redis.sadd(keys.drained, id) : this.redis.srem(keys.drained, id));
    return worker;
  }

  /** Whether anyone beats: someone who would take a job. */
  async anyAlive(): Promise<boolean> {
    const { beats, now } = await this.beats();
    return beats.some((beat) => now - beat.beat <= lostMs);
  }

  private async beats(): Promise<{ beats: WorkerBeat[]; now: number }> {
    const [hash, [seconds, microseconds]] = await Promise.all([this.redis.hgetall(keys.workers), this.redis.time()]);
    const beats = Object.values(hash).flatMap((text) => {
      const parsed = workerBeat.safeParse(readJson(text));
      return parsed.success ? [parsed.data] : [];
    });
    return { beats, now: Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000) };
  }

  /** Keeps for good who was ever there. */
  private async record(beats: WorkerBeat[], now: number): Promise<void> {
    if (now - this.recordedAt < recordedEveryMs) return;
    this.recordedAt = now;
    for (const beat of beats) {
      const seen = {
        host: beat.host,
        fingerprint: beat.fingerprint,
        threads: beat.threads,
        lastSeenAt: new Date(beat.beat),
      };
      await this.database.worker.upsert({ where: { id: beat.id }, create: { id: beat.id, ...seen }, update: seen });
    }
  }
}

function view(beat: WorkerBeat, now: number): Omit<WorkerView, 'chaos' | 'warning'> {
  const age = Math.max(0, now - beat.beat);
  return {
    id: beat.id,
    host: beat.host,
    status: age > lostMs ? 'lost' : beat.status,
    fingerprint: beat.fingerprint,
    run: beat.runId,
    rank: beat.rank,
    generation: beat.generation,
    heartbeatAge: age / 1000,
    threads: beat.threads,
    memoryBytes: beat.memoryBytes,
    device: beat.device ?? null,
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

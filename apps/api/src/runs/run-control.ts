import { Injectable } from '@nestjs/common';
import { isFinished, keys, type RunConfig, type RunStatus } from '@regatta/contracts';
import { ControlRedis } from '../redis/control-redis.js';
import { RunQueue } from '../redis/run-queue.js';
import { type RunRow, runSpec } from './run-view.js';

/** What the control Redis knows of a run. */
export interface KnownRun {
  /** The spec is there. */
  spec: boolean;
  desired: Record<string, string>;
  /** The status that the coordinator has observed; undefined when it has not seen the run (or Redis has lost it). */
  status?: RunStatus;
}

/** The API's side of the control loop: it writes what is desired of a run, and asks for a reconcile. */
@Injectable()
export class RunControl {
  constructor(
    private readonly redis: ControlRedis,
    private readonly queue: RunQueue,
  ) {}

  /** Tells the workers of a run and of what is wanted of it. Idempotent. */
  async announce(row: RunRow): Promise<void> {
    await run(
      this.redis
        .multi()
        .set(keys.spec(row.id), JSON.stringify(runSpec(row)), 'NX')
        .hset(keys.desired(row.id), desiredOf(row))
        .zadd(keys.activeRuns, +row.createdAt, row.id)
        .publish(keys.orders(row.id), ''),
    );
    await this.queue.reconcile(row.id);
  }

  async known(runIds: string[]): Promise<Map<string, KnownRun>> {
    const pipeline = this.redis.pipeline();
    for (const id of runIds) pipeline.exists(keys.spec(id)).hgetall(keys.desired(id)).hget(keys.state(id), 'status');
    const answers = await run(pipeline);
    return new Map(
      runIds.map((id, i) => {
        const [spec, desired, status] = answers.slice(3 * i, 3 * i + 3);
        return [
          id,
          {
            spec: spec === 1,
            desired: desired as Record<string, string>,
            status: (status as RunStatus | null) ?? undefined,
          },
        ];
      }),
    );
  }

  /** Nobody need look after a run any more: its keys go with those of the runs that the workers have given up. */
  async forget(runId: string): Promise<void> {
    await run(this.redis.multi().zrem(keys.activeRuns, runId).sadd(keys.overRuns, runId));
  }

  /** The runs that are over for everybody but this API. */
  over(): Promise<string[]> {
    return this.redis.smembers(keys.overRuns);
  }

  /** Removes every key of these runs. One pass over all keys, however many runs; doing it again does no harm. */
  async remove(runIds: string[]): Promise<void> {
    const gone = new Set(runIds);
    for await (const found of this.redis.scanStream({ match: `${keys.runs}*`, count: 1000 })) {
      const ofThese = (found as string[]).filter((key) => gone.has(key.slice(keys.runs.length).split(':')[0]));
      if (ofThese.length > 0) await this.redis.unlink(...ofThese);
    }
    await run(
      this.redis
        .multi()
        .zrem(keys.activeRuns, ...runIds)
        .srem(keys.overRuns, ...runIds),
    );
  }
}

export interface Wanted {
  desired: string;
  priority: number;
  config: unknown;
}

export function desiredOf({ desired, priority, config }: Wanted) {
  const { minWorkers, maxWorkers } = (config as RunConfig).distributed;
  return {
    state: desired,
    priority: String(priority),
    minWorkers: String(minWorkers),
    maxWorkers: String(maxWorkers),
  };
}

/** Whether Redis lacks something that it should know of an unfinished run. */
export function needsAnnouncing(row: Wanted, known: KnownRun): boolean {
  if (known.status && isFinished(known.status)) return false;
  const wanted = Object.entries(desiredOf(row));
  return !known.spec || wanted.some(([field, value]) => known.desired[field] !== value);
}

/** The answers of a pipeline; the first failed command fails it. */
async function run(pipeline: { exec(): Promise<[Error | null, unknown][] | null> }): Promise<unknown[]> {
  const answers = (await pipeline.exec()) ?? [];
  for (const [error] of answers) if (error) throw error;
  return answers.map(([, value]) => value);
}

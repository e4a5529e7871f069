import { beat } from '@regatta/collective';
import { keys, type WorkerBeat } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';

const periodMs = 1000;
/** Two beats further apart than this: Redis was away, or this process was stopped. Nobody can be called silent for that time. */
const gapMs = 2500;

export type Doing = Pick<WorkerBeat, 'status' | 'runId' | 'rank' | 'generation' | 'ready'>;
export const idle: Doing = { status: 'idle', runId: null, rank: null, generation: null };

/** Says every second, and at every change, that this worker is alive and what it does. */
export class Heartbeat {
  private doing: Doing = idle;
  private timer: NodeJS.Timeout | undefined;
  private last = Number.NEGATIVE_INFINITY;
  private since = Number.POSITIVE_INFINITY;
  private stopped = false;
  /** Hears with every beat whether a person wants this worker out of all runs. */
  onDrained: (drained: boolean) => void = () => undefined;

  constructor(
    private readonly redis: Redis,
    private readonly worker: Omit<WorkerBeat, 'beat' | keyof Doing>,
    private readonly log: Logger,
    /** What else there is to say of it now: its pace, its trouble. */
    private readonly more: () => Pick<WorkerBeat, 'shardMs' | 'trouble'> = () => ({}),
  ) {}

  /** Resolves when the first beat is in Redis. */
  async start(): Promise<void> {
    await this.beat();
    this.timer = setInterval(() => void this.beat().catch((error) => this.complain(error)), periodMs);
  }

  /** Resolves when everybody can see it. A worker that is draining stays so. */
  async set(doing: Doing): Promise<void> {
    const draining = this.doing.status === 'draining';
    this.doing = draining ? { ...doing, status: 'draining' } : doing;
    await this.beat();
  }

  /** From now on nothing is offered to this worker. */
  async drain(): Promise<void> {
    this.doing = { ...this.doing, status: 'draining' };
    await this.beat();
  }

  /** Ranks may be offered to this worker again. */
  async undrain(): Promise<void> {
    const { runId, rank } = this.doing;
    const status = runId === null ? 'idle' : rank === null ? 'joining' : 'training';
    this.doing = { ...this.doing, status };
    await this.beat();
  }

  get current(): Doing {
    return this.doing;
  }

  /** Control time since when this process has been listening without a gap: silence of others before it does not count. */
  get listeningSince(): number {
    return this.since;
  }

  /** The connection was lost and is back: from the next beat on silence counts anew. */
  listenAnew(): void {
    this.last = Number.NEGATIVE_INFINITY;
  }

  /** Signs off: the worker is gone, not lost. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.redis.hdel(keys.workers, this.worker.id);
  }

  private async beat(): Promise<void> {
    if (this.stopped) {
      return;
    }
    const { now, drained } = await beat(this.redis, { ...this.worker, ...this.doing, ...this.more() });
    const arrived = performance.now();
    if (arrived - this.last > gapMs) {
      this.since = now;
    }
    this.last = arrived;
    this.onDrained(drained);
  }

  private complain(error: Error): void {
    this.log.warn({ error: error.message }, 'a heartbeat could not be sent');
  }
}

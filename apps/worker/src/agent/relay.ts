import { setTimeout as sleep } from 'node:timers/promises';
import { keys } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';

/** Entries that are sent to Redis in one transaction. */
const batchSize = 200;

/**
 * Puts a trainer's entries into the stream, strictly in order and each at least once (the API stores each exactly once). While Redis is away they
 * wait here; the trainer holds back when too many are not acknowledged, so this stays small.
 */
export class Relay {
  private readonly waiting: { seq: number; data: string }[] = [];
  private working: Promise<void> | null = null;
  private closed = false;

  constructor(
    private readonly redis: Redis,
    /** Entry `seq`, and all before it, stand in the stream. */
    private readonly acknowledge: (seq: number) => void,
    private readonly log: Logger,
    private readonly retryMs = 500,
  ) {}

  push(seq: number, entry: unknown): void {
    this.waiting.push({ seq, data: JSON.stringify(entry) });
    this.working ??= this.work().finally(() => {
      this.working = null;
    });
  }

  /** Resolves when everything that was pushed stands in the stream, or the relay was closed. */
  async flush(): Promise<void> {
    await this.working;
  }

  /** Gives up what is not sent yet: the trainer is gone, and what it reported after its last checkpoint will be computed again. */
  close(): void {
    this.closed = true;
  }

  private async work(): Promise<void> {
    while (this.waiting.length > 0 && !this.closed) {
      const batch = this.waiting.slice(0, batchSize);
      try {
        const transaction = this.redis.multi();
        for (const { data } of batch) {
          transaction.xadd(keys.stream, '*', 'data', data);
        }
        await transaction.exec();
      } catch (error) {
        this.log.warn(
          { error: (error as Error).message, waiting: this.waiting.length },
          'entries wait for the control Redis',
        );
        await sleep(this.retryMs);
        continue;
      }
      this.waiting.splice(0, batch.length);
      this.acknowledge(batch[batch.length - 1].seq);
    }
  }
}

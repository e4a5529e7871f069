import { keys } from '@regatta/contracts';
import type { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Heartbeat } from './heartbeat.js';
import type { RankHolder } from './rank.js';

const everyMs = 500;
/** What a rank may take for its step and its checkpoint; one that hangs is found long before that. */
const patienceMs = 600_000;

interface DrainParts {
  redis: Redis;
  workerId: string;
  heartbeat: Heartbeat;
  ranks: RankHolder;
  log: Logger;
}

/**
 * A person wants this worker out of all runs (keys.drained), or back. Drained, it takes no rank and gives up the one that it holds
 * after the step under way; it still coordinates and predicts.
 */
export class Drain {
  private timer: NodeJS.Timeout | undefined;
  private drained = false;

  constructor(private readonly parts: DrainParts) {}

  /** @param offers the consumer of the queue of ranks, which is stopped so that the offers go to others */
  start(offers: Worker): void {
    this.timer = setInterval(() => void this.look(offers), everyMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async look(offers: Worker): Promise<void> {
    const { redis, workerId, heartbeat, ranks, log } = this.parts;
    try {
      const wanted = (await redis.sismember(keys.drained, workerId)) === 1;
      if (wanted === this.drained) return;
      this.drained = wanted;
      log.info({ workerId, ...heartbeat.current }, wanted ? 'drained' : 'takes ranks again');
      if (wanted) {
        await Promise.all([heartbeat.drain(), offers.pause(true)]);
        await ranks.drain(patienceMs);
      } else {
        ranks.undrain();
        await heartbeat.undrain();
        offers.resume();
      }
    } catch (error) {
      log.warn({ error: (error as Error).message }, 'draining failed');
    }
  }
}

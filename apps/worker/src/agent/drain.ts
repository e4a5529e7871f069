import type { Worker } from 'bullmq';
import type { Logger } from 'pino';
import type { Heartbeat } from './heartbeat.js';
import type { RankHolder } from './rank.js';

/** What a rank may take for its step and its checkpoint; one that hangs is found long before that. */
const patienceMs = 600_000;

interface DrainParts {
  workerId: string;
  heartbeat: Heartbeat;
  ranks: RankHolder;
  log: Logger;
}

/**
 * A person wants this worker out of all runs (keys.drained), or back; it learns that with its heartbeat. Drained, it takes no rank and gives up the one that it holds
 * after the step under way; it still coordinates and predicts.
 */
export class Drain {
  private drained = false;

  constructor(private readonly parts: DrainParts) {}

  /** @param offers the consumer of the queue of ranks, which is stopped so that the offers go to others */
  start(offers: Worker): void {
    this.parts.heartbeat.onDrained = (wanted) => void this.obey(wanted, offers);
  }

  stop(): void {
    this.parts.heartbeat.onDrained = () => undefined;
  }

  private async obey(wanted: boolean, offers: Worker): Promise<void> {
    const { workerId, heartbeat, ranks, log } = this.parts;
    if (wanted === this.drained) return;
    this.drained = wanted;
    try {
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

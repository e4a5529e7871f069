import { waitingRuns } from '@regatta/collective';
import { keys } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import { aliveAt, readBeats } from './observer.js';
import { whoseTurn } from './pool.js';

/** Of so many runs all are looked at every second, those that have workers more often; of more, only those that could move. */
const fewRuns = 32;
/** Of all runs so many are looked at every second, one after another: what they wait for is kept up to date, and the index of runs is right. */
const othersAtOnce = 8;
/** One worker at a time looks at whose turn it is, and at what trains; for so long nobody else does (ms). */
const turnMs = 250;
const allMs = 900;

/** Which runs a coordinator should look at now. What it reads grows with the runs that have workers, not with those that wait. */
export class Turns {
  constructor(private readonly redis: Redis) {}

  /** What time alone may have changed. Empty where another worker has just looked. */
  async due(): Promise<string[]> {
    if (!(await this.first('turn', turnMs))) {
      return [];
    }
    const [count, head, everything] = await Promise.all([
      this.redis.zcard(keys.activeRuns),
      this.inTurn(true),
      this.first('all', allMs),
    ]);
    if (!everything) {
      // the silence of one of a few is seen sooner
      return [...new Set([...head, ...(count <= fewRuns ? await this.busy() : [])])];
    }
    const others = count <= fewRuns ? this.redis.zrange(keys.activeRuns, 0, -1) : this.someOf(count);
    return [...new Set([...head, ...(await this.busy()), ...(await others)])];
  }

  /** Workers came free, or another run has what it gathers: the queued runs that may gather now. */
  next(): Promise<string[]> {
    return this.inTurn(false);
  }

  private async inTurn(head: boolean): Promise<string[]> {
    const [{ runs, now }, beats] = await Promise.all([waitingRuns(this.redis, null), readBeats(this.redis)]);
    return whoseTurn(runs, aliveAt(beats, now), now, head);
  }

  /** Everything that neither waits in the queue nor is paused. */
  private busy(): Promise<string[]> {
    return this.redis.zrange(keys.busyRuns, 0, -1);
  }

  /** The next few of all, another few every second. */
  private someOf(count: number): Promise<string[]> {
    const from = (Math.floor(Date.now() / 1000) * othersAtOnce) % count;
    return this.redis.zrange(keys.activeRuns, from, from + othersAtOnce - 1);
  }

  private async first(what: 'all' | 'turn', ms: number): Promise<boolean> {
    return (await this.redis.set(keys.looked(what), '1', 'PX', ms, 'NX')) === 'OK';
  }
}

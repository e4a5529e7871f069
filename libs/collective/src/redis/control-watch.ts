import { AppError, keys } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import type { Membership } from '../membership/membership.js';
import { GenerationEnded } from '../process-group.js';

interface Waiting {
  /** Asks whether it has happened: the notice may have been lost with a connection. */
  check(): Promise<boolean>;
  resolve(): void;
  reject(error: unknown): void;
}

interface Watched {
  runId: string;
  generation: number;
  rank: number;
  memberId: string;
}

/**
 * A rank's ear at the control server. One call blocks on two lists at once, what is announced to the rank and the end of its generation,
 * for at most a second; then the generation is compared and it blocks again.
 */
export class ControlWatch {
  private readonly waiting = new Map<string, Waiting>();
  private stopped = false;

  /** `blocking`: a connection of its own. `onEnd` is called once when the generation has ended or the control server is lost for good. */
  constructor(
    private readonly blocking: Redis,
    private readonly membership: Membership,
    private readonly watched: Watched,
    private readonly onEnd: (error: AppError) => void,
  ) {
    this.listen().catch((error) => this.end(error));
  }

  /**
   * Resolves when `notice` is announced to this rank. Call it before what makes the announcement come.
   * `check` is asked every second as well.
   */
  expect(notice: string, check: () => Promise<boolean>): Promise<void> {
    return new Promise<void>((resolve, reject) => this.waiting.set(notice, { check, resolve, reject }));
  }

  /** What was expected is known by other means. */
  settle(notice: string): void {
    this.waiting.get(notice)?.resolve();
    this.waiting.delete(notice);
  }

  /** Whatever is expected is rejected with `error`. */
  stop(error: Error): void {
    this.stopped = true;
    for (const { reject } of this.waiting.values()) {
      reject(error);
    }
    this.waiting.clear();
    this.blocking.disconnect();
  }

  private async listen(): Promise<void> {
    const { runId, generation, rank, memberId } = this.watched;
    const abortList = keys.abort(runId, generation, memberId);
    const notices = keys.notices(runId, generation, rank);
    while (!this.stopped) {
      // The first list with something in it is the one that is read: the end comes first.
      const reply = await this.blocking.blpop(abortList, notices, 1);
      if (this.stopped) {
        return;
      }
      if (reply === null) {
        await this.lookAround();
      } else if (reply[0] === abortList) {
        throw new GenerationEnded(generation, reply[1]);
      } else {
        this.settle(reply[1]);
      }
    }
  }

  private async lookAround(): Promise<void> {
    const { runId, generation } = this.watched;
    const group = await this.membership.group(runId);
    if (group?.generation !== generation || group.phase !== 'started') {
      throw new GenerationEnded(generation, group?.reason ?? 'the run is over');
    }
    for (const [notice, { check }] of this.waiting) {
      if (await check()) {
        this.settle(notice);
      }
    }
  }

  private end(error: unknown): void {
    if (this.stopped) {
      return;
    }
    const known = error instanceof AppError;
    this.onEnd(
      known
        ? error
        : new AppError('connection-lost', 'lost the control server', {
            next: 'See whether the Redis server of REDIS_URL runs; the run goes on from its newest checkpoint.',
            retryable: true,
            cause: error,
          }),
    );
  }
}

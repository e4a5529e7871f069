import { jobNames, type RankOffer } from '@regatta/contracts';
import type { Queue } from 'bullmq';

/** Offers to be a rank. An offer is no command: whoever takes it must still claim a place, which one script grants at most `maxWorkers` times. */
export class Offers {
  constructor(private readonly queue: Queue) {}

  /**
   * Sees to it that `count` offers of this generation are out (waiting, or held by those who claimed with them). The id of an offer's job makes
   * making it again do nothing while it is out; one that came to nothing is gone from the queue, and is thereby made again.
   */
  async make(
    runId: string,
    generation: number,
    { count, fingerprint, grow = false }: { count: number; fingerprint: string; grow?: boolean },
  ): Promise<void> {
    await this.queue.addBulk(
      Array.from({ length: count }, (_, offer) => ({
        name: jobNames.ranks,
        data: { runId, generation, offer, fingerprint, grow } satisfies RankOffer,
        opts: {
          jobId: `${runId}-${generation}-${grow ? 'grow-' : ''}${offer}`,
          attempts: 1,
          removeOnComplete: true,
          removeOnFail: true,
        },
      })),
    );
  }
}

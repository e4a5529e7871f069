import { jobNames, queueNames, rankOffer } from '@regatta/contracts';
import type { RankHolder } from '../rank.js';
import type { QueueDefinition } from './queue.js';

/** One rank a worker. An offer whose worker died is never made again by the queue: that is the coordinator's to decide. */
export const ranksQueue = (ranks: RankHolder): QueueDefinition => ({
  name: queueNames.ranks,
  handlers: { [jobNames.ranks]: async (data) => ranks.take(rankOffer.parse(data)) },
  // The job of a worker that died is thrown away soon; holding a rank does not depend on its lock.
  options: { drainDelay: 1, concurrency: 1, lockDuration: 5000, stalledInterval: 5000, maxStalledCount: 0 },
});

import { jobNames, queueNames, rankOffer } from '@regatta/contracts';
import type { RankHolder } from '../rank.js';
import type { QueueDefinition } from './queue.js';

/** One rank a worker. An offer whose worker died is never made again by the queue: that is the coordinator's to decide. */
export const ranksQueue = (ranks: RankHolder): QueueDefinition => ({
  name: queueNames.ranks,
  handlers: { [jobNames.ranks]: async (data) => ranks.take(rankOffer.parse(data)) },
  options: { concurrency: 1, maxStalledCount: 0 },
});

import { keys } from '@regatta/contracts';
import { Redis } from 'ioredis';
import { parseRedisUrl } from './url.js';

/**
 * Removes what is left of a run on a gradient server: the sums of its last step, and what ranks that were lost had sent or did not read.
 * Rejects where the server does not answer; what is left there expires by itself.
 */
export async function dropGradients(url: string, runId: string): Promise<void> {
  const { name: _, database, ...address } = parseRedisUrl(url);
  const redis = new Redis({ ...address, db: database, maxRetriesPerRequest: 1, connectTimeout: 3000 });
  redis.on('error', () => undefined);
  try {
    for await (const found of redis.scanStream({ match: `${keys.runs}${runId}:*`, count: 1000 })) {
      const ofRun = found as string[];
      if (ofRun.length > 0) await redis.unlink(...ofRun);
    }
  } finally {
    redis.disconnect();
  }
}

import { hostname } from 'node:os';
import { loadConfig, required } from '@regatta/config';
import { keys, type WorkerBeat } from '@regatta/contracts';
import { Redis } from 'ioredis';

/** Beats older than this are a worker's that is lost. */
const lostAfterMs = 5000;

/**
 * The container's health check: `node apps/worker/dist/health.js` ends with 0 when a worker of this host has sent its heartbeat lately. (A
 * container runs one worker, and its host name is its own.)
 */
async function isAlive(redis: Redis): Promise<boolean> {
  const [beats, [seconds, microseconds]] = await Promise.all([redis.hvals(keys.workers), redis.time()]);
  const now = Number(seconds) * 1000 + Number(microseconds) / 1000;
  return beats
    .map((text) => JSON.parse(text) as WorkerBeat)
    .some(({ host, beat }) => host === hostname() && now - beat < lostAfterMs);
}

async function main(): Promise<boolean> {
  const url = required(loadConfig(), 'redisUrl', 'REDIS_URL');
  const redis = new Redis(url, { maxRetriesPerRequest: 0, lazyConnect: true, retryStrategy: () => null });
  // What went wrong is thrown by the call that met it.
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await isAlive(redis);
  } finally {
    redis.disconnect();
  }
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

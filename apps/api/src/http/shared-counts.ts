import { keys } from '@regatta/contracts';
import type { Store } from 'express-rate-limit';
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import type { ControlRedis } from '../redis/control-redis.js';

/**
 * Counts requests in the control Redis, so that all processes of the API share one limit. While Redis is away each
 * process counts for itself: nobody is let through uncounted, and nobody waits for it.
 * @param windowMs how long a count lasts from its first request
 */
export function sharedCounts(redis: ControlRedis, name: string, windowMs: number): Store {
  // `points` is where the library itself would refuse; express-rate-limit does that here
  const settings = { keyPrefix: keys.rates(name), points: Number.MAX_SAFE_INTEGER, duration: windowMs / 1000 };
  const counter = new RateLimiterRedis({
    ...settings,
    storeClient: redis,
    rejectIfRedisNotReady: true,
    insuranceLimiter: new RateLimiterMemory(settings),
  });
  return {
    async increment(key) {
      const { consumedPoints, msBeforeNext } = await counter.penalty(key, 1);
      return { totalHits: consumedPoints, resetTime: new Date(Date.now() + msBeforeNext) };
    },
    async decrement(key) {
      await counter.reward(key, 1);
    },
    async resetKey(key) {
      await counter.delete(key);
    },
  };
}

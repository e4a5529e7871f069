import { Redis } from 'ioredis';
import type { Logger } from 'pino';

/**
 * A connection to the control server that never gives up: commands wait while the server is away and are sent when it is back.
 * `url`: redis://, rediss:// or unix:// (ioredis reads all three).
 */
export function connectControl(url: string, log: Logger): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(attempt * 100, 500),
  });
  let away = false;
  redis.on('error', (error) => {
    if (!away) {
      away = true;
      log.warn({ error: error.message }, 'the control Redis does not answer; waiting for it');
    }
  });
  redis.on('ready', () => {
    if (away) {
      away = false;
      log.info('the control Redis is back');
    }
  });
  return redis;
}

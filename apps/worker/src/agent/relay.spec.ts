import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { keys } from '@regatta/contracts';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { startRedis, type TestRedis } from '../../../../test/support/redis.js';
import { Relay } from './relay.js';

describe('the relay', () => {
  let server: TestRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  it('keeps the order while Redis refuses, and acknowledges only what stands in the stream', async () => {
    const acknowledged: number[] = [];
    let refusals = 3;
    const refusing = new Proxy(redis, {
      get(target, name) {
        if (name === 'multi' && refusals > 0) {
          refusals -= 1;
          throw new Error('LOADING Redis is loading the dataset in memory');
        }
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const relay = new Relay(refusing, (seq) => acknowledged.push(seq), pino({ level: 'silent' }), 1);
    for (let seq = 1; seq <= 500; seq++) {
      relay.push(seq, { seq });
    }
    expect(acknowledged).toEqual([]);
    await relay.flush();
    expect(refusals).toBe(0);
    const stored = (await redis.xrange(keys.stream, '-', '+')).map(([, [, json]]) => JSON.parse(json).seq);
    expect(stored).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
    expect(acknowledged.at(-1)).toBe(500);
    expect(acknowledged).toEqual([...acknowledged].sort((a, b) => a - b));
  });
});

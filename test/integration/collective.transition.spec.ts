import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { transition } from '@regatta/collective';
import { Redis } from 'ioredis';
import { startRedis, type TestRedis } from '../support/redis.js';

describe('transition', () => {
  let server: TestRedis;
  let redis: Redis;
  const at = { stateKey: 'state', streamKey: 'stream' };
  const entries = async (): Promise<string[][]> => (await redis.xrange('stream', '-', '+')).map(([, fields]) => fields);

  beforeAll(async () => {
    server = await startRedis({ aof: true });
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  beforeEach(async () => {
    await redis.flushall();
  });

  it('sets the fields, raises the epoch and adds the entries in order', async () => {
    const first = {
      ...at,
      epoch: 0,
      patch: { status: 'gathering', reason: 'it was asked for' },
      entries: ['{"a":1}', '{"b":2}'],
    };
    expect(await transition(redis, first)).toEqual({ ok: true, epoch: 1 });
    expect(await transition(redis, { ...at, epoch: 1, patch: { status: 'running' }, entries: [] })).toEqual({
      ok: true,
      epoch: 2,
    });
    expect(await redis.hgetall('state')).toEqual({ epoch: '2', status: 'running', reason: 'it was asked for' });
    expect(await entries()).toEqual([
      ['data', '{"a":1}'],
      ['data', '{"b":2}'],
    ]);
  });

  it('changes nothing at another epoch, and says which it is', async () => {
    await transition(redis, { ...at, epoch: 0, patch: { status: 'gathering' }, entries: [] });
    for (const epoch of [0, 2]) {
      expect(await transition(redis, { ...at, epoch, patch: { status: 'failed' }, entries: ['{}'] })).toEqual({
        ok: false,
        epoch: 1,
      });
    }
    expect(await redis.hgetall('state')).toEqual({ epoch: '1', status: 'gathering' });
    expect(await entries()).toEqual([]);
  });

  it('lets exactly one of many at the same epoch take effect, with its entry', async () => {
    const coordinators = Array.from({ length: 8 }, () => new Redis(server.url));
    const replies = await Promise.all(
      coordinators.map((coordinator, i) =>
        transition(coordinator, { ...at, epoch: 0, patch: { by: String(i) }, entries: [`{"by":${i}}`] }),
      ),
    );
    const won = replies.findIndex(({ ok }) => ok);
    expect(replies.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await redis.hgetall('state')).toEqual({ epoch: '1', by: String(won) });
    expect(await entries()).toEqual([['data', `{"by":${won}}`]]);
    for (const coordinator of coordinators) {
      coordinator.disconnect();
    }
  });
});

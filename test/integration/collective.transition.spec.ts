import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { placeRun, transition, waitingRuns } from '@regatta/collective';
import { keys } from '@regatta/contracts';
import { Redis } from 'ioredis';
import { startRedis, type TestRedis } from '../support/redis.js';

describe('transition', () => {
  let server: TestRedis;
  let redis: Redis;
  const at = { runId: 'a-run' };
  const entries = async (): Promise<string[][]> =>
    (await redis.xrange(keys.stream, '-', '+')).map(([, fields]) => fields);

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
    await redis.set(keys.spec('a-run'), '{}');
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
    expect(await redis.hgetall(keys.state('a-run'))).toEqual({
      epoch: '2',
      status: 'running',
      reason: 'it was asked for',
    });
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
    expect(await redis.hgetall(keys.state('a-run'))).toEqual({ epoch: '1', status: 'gathering' });
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
    expect(await redis.hgetall(keys.state('a-run'))).toEqual({ epoch: '1', by: String(won) });
    expect(await entries()).toEqual([['data', `{"by":${won}}`]]);
    for (const coordinator of coordinators) {
      coordinator.disconnect();
    }
  });

  /** The API submits a run, and its coordinator has seen it. */
  const submit = async (runId: string, size: number, { created = 1, priority = 0, status = 'queued' } = {}) => {
    await redis.set(keys.spec(runId), '{}');
    await redis.zadd(keys.activeRuns, created, runId);
    await redis.hset(keys.desired(runId), { state: 'running', priority });
    const limits = JSON.stringify({ minWorkers: size, maxWorkers: size });
    await transition(redis, { runId, epoch: 0, patch: { status, limits }, entries: [] });
  };
  const waiting = async (now = 0) => (await waitingRuns(redis, now)).runs.map(({ runId }) => runId).sort();

  it('keeps the first in turn of each size, and all that gather, where they are found', async () => {
    await submit('large', 4, { created: 5 });
    await submit('second', 2, { created: 3 });
    await submit('first', 2, { created: 2 });
    await submit('trains', 2, { status: 'running' });
    await submit('gathers', 2, { status: 'gathering' });
    expect(await waiting()).toEqual(['first', 'gathers', 'large']);
    // nobody has looked at it yet
    await redis.zadd(keys.activeRuns, 6, 'new');
    await redis.hset(keys.desired('new'), { state: 'running', priority: 3, minWorkers: 7 });
    const [row] = (await waitingRuns(redis, 99)).runs.filter(({ runId }) => runId === 'new');
    expect(row).toMatchObject({ status: 'queued', priority: 3, minWorkers: 7, since: 99 });
    await redis.zrem(keys.activeRuns, 'new');
    await submit('urgent', 2, { created: 9, priority: 1 });
    expect(await waiting()).toEqual(['gathers', 'large', 'urgent']);
    expect(await redis.zrange(keys.busyRuns, 0, -1)).toEqual(['gathers', 'trains']);
    await transition(redis, { runId: 'urgent', epoch: 1, patch: { status: 'running' }, entries: [] });
    await transition(redis, { runId: 'first', epoch: 1, patch: { standsBackUntil: '100' }, entries: [] });
    // one that stands back is told of, and the next one too
    expect(await waiting(50)).toEqual(['first', 'gathers', 'large', 'second']);
    expect(await waiting(100)).toEqual(['first', 'gathers', 'large']);
  });

  it('finds out where others have changed what a place follows from', async () => {
    await submit('a', 1, { created: 1 });
    await submit('b', 1, { created: 2 });
    await redis.hset(keys.desired('b'), { priority: 5 });
    await placeRun(redis, 'b');
    expect(await waiting()).toEqual(['b']);
    // the API has given it up; another one was lost from the index
    await redis.zrem(keys.activeRuns, 'b');
    expect(await waiting()).toEqual(['a']);
    await redis.del(`${keys.index}queued:1`);
    expect(await waiting()).toEqual([]);
    await placeRun(redis, 'a');
    expect(await waiting()).toEqual(['a']);
    await redis.zrem(keys.activeRuns, 'a');
    await placeRun(redis, 'a');
    expect(await redis.keys(`${keys.index}*`)).toEqual([]);
  });

  it('promises the same free workers once: a plan of an older turn changes nothing', async () => {
    await submit('a', 1);
    await submit('b', 1);
    const { turn } = await waitingRuns(redis, 0);
    const gather = (runId: string) =>
      transition(redis, { runId, epoch: 1, turn, patch: { status: 'gathering' }, entries: [] });
    expect([await gather('a'), await gather('b')]).toEqual([
      { ok: true, epoch: 2 },
      { ok: false, epoch: 1 },
    ]);
    expect((await waitingRuns(redis, 0)).turn).toBe(turn + 1);
  });

  it('makes a look cost the same however many runs wait', async () => {
    const commands = async () => {
      const stats = await redis.info('commandstats');
      return [...stats.matchAll(/cmdstat_(?!info)\S+:calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
    };
    const cost = async () => {
      const before = await commands();
      await waitingRuns(redis, 0);
      return (await commands()) - before;
    };
    const add = (from: number, to: number) =>
      Promise.all(
        Array.from({ length: to - from }, (_, i) => submit(`run-${from + i}`, 1 + (i % 3), { created: from + i })),
      );
    await add(0, 6);
    await waitingRuns(redis, 0);
    const few = await cost();
    await add(6, 300);
    expect(await cost()).toBe(few);
  });
});

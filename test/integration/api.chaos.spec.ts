import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { keys, type Worker, type WorkerBeat } from '@regatta/contracts';
import { createApp } from '../../apps/api/src/create-app.js';
import { apiOptions, TestApi } from '../support/api.js';
import { until } from '../support/until.js';

describe('faults on purpose', () => {
  let api: TestApi;
  /** Another API on the same servers, without CHAOS=1. */
  let off: NestExpressApplication;
  beforeAll(async () => {
    api = await TestApi.start('pglite', { chaos: true });
    off = await createApp(apiOptions(api.database.url, api.redisServer.url, api.dataDir));
    await off.listen(0, '127.0.0.1');
    await beat('willing', { chaos: true });
    await beat('deaf');
  });
  afterAll(async () => {
    await off?.close();
    await api?.stop();
  });

  const beat = async (id: string, changes: Partial<WorkerBeat> = {}) => {
    await api.beat(id);
    const known = JSON.parse((await api.redis.hget(keys.workers, id)) as string);
    await api.redis.hset(keys.workers, id, JSON.stringify({ ...known, ...changes }));
  };
  const cause = (worker: string, body: object) => api.call('post', `/workers/${worker}/chaos`, { body });
  const willing = ({ items }: { items: Worker[] }) => items.filter(({ chaos }) => chaos).map(({ id }) => id);

  it('are refused, and nobody is shown as taking them, where they are not switched on', async () => {
    const call = async (path: string, init: RequestInit = {}) => {
      const headers = { authorization: `Bearer ${api.roles.member}`, 'content-type': 'application/json' };
      const response = await fetch(`${await off.getUrl()}/api/v1/workers${path}`, { ...init, headers });
      return { status: response.status, body: (await response.json()) as { detail: string; items: Worker[] } };
    };
    const { status, body } = await call('/willing/chaos', { method: 'POST', body: '{"fault":"leave"}' });
    expect(status).toBe(403);
    expect(body.detail).toContain('CHAOS=1');
    expect(willing((await call('')).body)).toEqual([]);
    expect(willing((await api.call('get', '/workers')).body)).toEqual(['willing']);
  });

  it('reach the worker that they are for, and need the rights of a member', async () => {
    const heard: string[] = [];
    const listener = api.redis.duplicate();
    await listener.subscribe(keys.chaos('willing'));
    listener.on('message', (_, text) => heard.push(text));
    const { status, body } = await cause('willing', { fault: 'hang-worker', atStep: 7 });
    expect([status, body]).toEqual([202, { worker: 'willing', fault: 'hang-worker', run: null, rank: null }]);
    await until(() => heard.length > 0);
    expect(JSON.parse(heard[0])).toEqual({ fault: 'hang-worker', atStep: 7, seconds: 10 });
    listener.disconnect();
    const viewer = await api.call('post', '/workers/willing/chaos', { as: 'viewer', body: { fault: 'leave' } });
    expect(viewer.status).toBe(403);
  });

  it.each([
    ['nobody', { fault: 'leave' }, 404, 'There is no worker'],
    ['deaf', { fault: 'leave' }, 409, 'Start it with CHAOS=1'],
    ['willing', { fault: 'corrupt' }, 409, 'holds a rank'],
    ['willing', { fault: 'explode' }, 422, 'kill-trainer'],
    ['willing', { fault: 'leave', seconds: 3 }, 422, 'seconds'],
    ['willing', { fault: 'slow', seconds: 0 }, 422, 'seconds'],
    ['willing', { fault: 'leave', atStep: -1 }, 422, 'atStep'],
  ])('of worker %s that cannot be, %j, are refused with the reason', async (worker, body, status, reason) => {
    const refused = await cause(worker, body);
    expect(refused.status).toBe(status);
    expect(refused.body.detail).toContain(reason);
  });
});

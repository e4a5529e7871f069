import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Membership } from '@regatta/collective';
import { bullPrefix, jobNames, keys, queueNames, reconcileOptions, urgentOptions } from '@regatta/contracts';
import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { reportOutcome } from '../../apps/worker/src/agent/reports.js';
import { Cluster } from '../support/cluster.js';
import { beat, coordinator, member } from '../support/coordinator.js';
import { until } from '../support/until.js';

const eventsOf = async (cluster: Cluster, runId: string) => (await cluster.events(runId)).map(({ event }) => event);

/** Real agents and Redis servers, trainers that only exchange 16 floats: who trains when, and what the ledger says. */
describe('the coordinator', () => {
  let cluster: Cluster;
  beforeEach(async () => {
    cluster = await Cluster.start();
  });
  afterEach(() => cluster.stop());

  it('trains on all workers from the beginning to the end, with a complete ledger, and leaves nothing in the way', async () => {
    await Promise.all([cluster.addAgent(), cluster.addAgent()]);
    const runId = await cluster.submit({ distributed: { minWorkers: 2 } });
    const end = await cluster.reached(runId, 'completed');
    expect(await eventsOf(cluster, runId)).toEqual(['queued', 'gathering', 'started', 'completed']);
    expect(end).toMatchObject({ restarts: 0, weightsSha256: expect.any(String), error: null });
    expect((await cluster.losses(runId)).size).toBe(20);
    expect((await cluster.starts(runId)).map(({ worldSize }) => worldSize)).toEqual([2, 2]);

    await until(async () => (await cluster.activeRuns()).length === 0);
    const left = await cluster.redis.keys(`*${runId}*`);
    expect(left.filter((key) => key.includes(':group') || key.endsWith(':members'))).toEqual([]);
    // what is left waits for the API, which stores the end first
    expect(await cluster.redis.smembers(keys.overRuns)).toEqual([runId]);
    expect(await cluster.redis.ttl(keys.state(runId))).toBeGreaterThan(3000);
    // everything that the run reported stands in the stream before it is called completed
    const types = (await cluster.entries(runId)).map(({ type }) => type).filter((type) => (type as string) !== 'logs');
    expect(types.at(-1)).toBe('state');
    expect(types.lastIndexOf('checkpoint')).toBeGreaterThan(types.lastIndexOf('metrics'));
  });

  it('looks at a run to which something has happened before those that are only looked at again', async () => {
    const { redis } = cluster;
    const queue = new Queue(queueNames.runs, { connection: redis, prefix: bullPrefix });
    for (const runId of ['first', 'second']) await queue.add(jobNames.runs, { runId }, reconcileOptions(runId));
    await queue.add(jobNames.runs, { runId: 'happened' }, urgentOptions('happened'));
    const looked: string[] = [];
    const look = async ({ data }: { data: { runId: string } }) => void looked.push(data.runId);
    const connection = redis.duplicate();
    const worker = new Worker(queueNames.runs, look, { connection, prefix: bullPrefix });
    await until(() => looked.length === 3);
    expect(looked).toEqual(['happened', 'first', 'second']);
    await worker.close();
    await queue.close();
    connection.disconnect();
  });

  it('stops a cancelled run within a step, with a checkpoint, and a queued one at once', async () => {
    const waiting = await cluster.submit();
    await cluster.addAgent();
    const runId = await cluster.submit({ training: { maxSteps: 100_000, checkpointEvery: 90_000 } }, { stepMs: 500 });
    await cluster.reached(waiting, 'completed');
    await cluster.committed(runId, 2);
    const queued = await cluster.submit();
    await cluster.reached(queued, 'queued');
    await cluster.cancel(queued);
    await cluster.reached(queued, 'cancelled');

    const before = (await cluster.losses(runId)).size;
    await cluster.cancel(runId);
    const end = await cluster.reached(runId, 'cancelled');
    expect(end.weightsSha256).toEqual(expect.any(String));
    // the step under way, and what was committed between our count and the order
    expect((await cluster.losses(runId)).size).toBeLessThanOrEqual(before + 3);
    const last = (await cluster.entries(runId)).findLast(({ type }) => type === 'checkpoint');
    expect(last).toMatchObject({ weightsSha256: end.weightsSha256 });
    await until(async () => (await cluster.workers()).every(({ status }) => status === 'idle'));
  });

  it('waits for minWorkers, says what it waits for, and starts when they are there', async () => {
    await cluster.addAgent();
    const runId = await cluster.submit({ distributed: { minWorkers: 2 } });
    const waits = async () =>
      (await cluster.states(runId)).find(({ reason }) => reason === 'waits for 2 workers: 1 free of 1 alive');
    expect(await until(waits)).toMatchObject({ status: 'queued' });
    // another run that can use the worker is not held up
    const small = await cluster.submit();
    await cluster.reached(small, 'completed');
    expect(await cluster.starts(runId)).toEqual([]);

    await cluster.addAgent();
    await cluster.reached(runId, 'completed');
    expect((await cluster.starts(runId)).map(({ worldSize }) => worldSize)).toEqual([2, 2]);
  });

  it('takes runs by priority, then by age', async () => {
    const low = await cluster.submit({ priority: 0, training: { maxSteps: 3 } });
    const high = await cluster.submit({ priority: 5, training: { maxSteps: 3 } });
    const lower = await cluster.submit({ priority: 0, training: { maxSteps: 3 } });
    await cluster.addAgent();
    await Promise.all([low, high, lower].map((runId) => cluster.reached(runId, 'completed')));
    const startedAt = async (runId: string) => (await cluster.reached(runId, 'running')).time;
    const times = [await startedAt(high), await startedAt(low), await startedAt(lower)];
    expect(times).toEqual([...times].sort());
  });

  it('lets two gangs that each need all workers finish, one after the other', async () => {
    await Promise.all([cluster.addAgent(), cluster.addAgent()]);
    const all = { minWorkers: 2, maxWorkers: 2 };
    const runs = [await cluster.submit({ distributed: all }), await cluster.submit({ distributed: all })];
    await Promise.all(runs.map((runId) => cluster.reached(runId, 'completed')));
    for (const runId of runs) {
      expect(await eventsOf(cluster, runId)).not.toContain('gave-back');
      for (const { worldSize } of await cluster.starts(runId)) expect(worldSize).toBe(2);
    }
  });

  it('leaves workers of another kind out, and tells why', async () => {
    await Promise.all([cluster.addAgent('kind-a'), cluster.addAgent('kind-b'), cluster.addAgent('kind-a')]);
    const runId = await cluster.submit({ training: { maxSteps: 5 }, distributed: { minWorkers: 2 } });
    await cluster.reached(runId, 'completed');
    expect((await cluster.starts(runId)).map(({ worldSize }) => worldSize)).toEqual([2, 2]);
    const warnings = (await cluster.events(runId)).filter(({ event }) => event === 'warning');
    expect(warnings.map(({ data }) => data)).toMatchObject([{ fingerprint: 'kind-b', gang: 'kind-a' }]);
  });

  it('is not harmed by offers that come twice, or too late', async () => {
    await Promise.all([cluster.addAgent(), cluster.addAgent(), cluster.addAgent()]);
    const runId = await cluster.submit({ distributed: { minWorkers: 2, maxWorkers: 2 } }, { stepMs: 30 });
    await cluster.reached(runId, 'gathering');
    const ranks = new Queue(queueNames.ranks, { connection: cluster.redis, prefix: bullPrefix });
    const offer = { runId, generation: 1, offer: 0, fingerprint: 'kind-a' };
    await ranks.addBulk(Array.from({ length: 5 }, () => ({ name: jobNames.ranks, data: offer })));
    await cluster.reached(runId, 'completed');
    expect((await cluster.starts(runId)).map(({ rank, generation }) => [rank, generation]).sort()).toEqual([
      [0, 1],
      [1, 1],
    ]);
    await ranks.close();
  });

  it('starts no gang without a worker that has taken an offer and is about to claim its place', async () => {
    const { redis } = cluster;
    const membership = new Membership(redis);
    const runId = await cluster.submit();
    await beat(redis, ['idle', 'idle']);
    await coordinator(redis).reconcile(runId);
    const comes = { status: 'joining', runId, generation: 1 } as const;
    await beat(redis, [comes, comes]);
    await membership.claim(runId, 1, member(0));
    await coordinator(redis).reconcile(runId);
    expect(await membership.group(runId)).toMatchObject({ phase: 'open' });
    await membership.claim(runId, 1, member(1));
    await coordinator(redis).reconcile(runId);
    const started = { phase: 'started', members: [{ workerId: 'worker-0' }, { workerId: 'worker-1' }] };
    expect(await membership.group(runId)).toMatchObject(started);
  });

  it('makes one transition of several that are decided at the same time', async () => {
    const coordinators = Array.from({ length: 8 }, () => coordinator(cluster.redis));
    const runId = await cluster.submit();
    await Promise.all(coordinators.map((one) => one.reconcile(runId)));
    expect(await eventsOf(cluster, runId)).toEqual(['queued', 'waiting']);
    expect((await cluster.states(runId)).map(({ epoch }) => epoch)).toEqual([1, 2]);
  });

  it('gives its workers back when its gang cannot become complete and another run waits', async () => {
    const { redis } = cluster;
    const runId = await cluster.submit({ distributed: { minWorkers: 2 } });
    await beat(redis, ['idle', 'idle']);
    await coordinator(cluster.redis).reconcile(runId);
    await new Membership(redis).claim(runId, 1, member(0));
    await coordinator(cluster.redis).reconcile(runId);
    // the other worker is gone, and nobody came for longer than the coordinator's patience
    await redis.del(keys.workers);
    await beat(redis, ['joining']);
    await redis.hset(keys.state(runId), { since: 0, joined: JSON.stringify({ generation: 1, count: 1, at: 0 }) });
    await coordinator(cluster.redis).reconcile(runId);
    expect((await cluster.states(runId)).at(-1)).toMatchObject({ status: 'gathering' });

    await cluster.submit();
    await coordinator(cluster.redis).reconcile(runId);
    expect(await eventsOf(cluster, runId)).toEqual(['queued', 'gathering', 'waiting', 'gave-back']);
    expect((await cluster.states(runId)).at(-1)).toMatchObject({
      status: 'queued',
      reason: 'waits for 2 workers: 0 free of 1 alive',
    });
    expect((await new Membership(redis).group(runId))?.phase).toBe('closed');
  });

  it('may die at any line: the next one goes on, and nothing is done or told twice', async () => {
    const { redis } = cluster;
    const membership = new Membership(redis);
    let deaths = 0;
    for (let calls = 0; calls < 60; calls++) {
      const runId = await cluster.submit();
      const dieAndGoOn = async () => {
        await coordinator(mortal(redis, calls))
          .reconcile(runId)
          .catch((error: Error) => {
            expect(error.message).toBe('died');
            deaths += 1;
          });
        await coordinator(cluster.redis).reconcile(runId);
      };
      await beat(redis, ['idle', 'idle']);
      await dieAndGoOn();
      expect(await membership.group(runId)).toMatchObject({ generation: 1, phase: 'open' });

      await beat(redis, ['joining', 'joining']);
      for (const one of [member(0), member(1)]) {
        expect(await membership.claim(runId, 1, one)).toMatchObject({ accepted: true });
      }
      await dieAndGoOn();
      expect(await membership.group(runId)).toMatchObject({ generation: 1, phase: 'started' });
      expect((await cluster.states(runId)).at(-1)).toMatchObject({ status: 'running' });

      const report = { step: 3, weightsSha256: null, code: 'internal', message: 'killed', retryable: true };
      await reportOutcome(redis, runId, 1, 'member-1', { outcome: 'exited', ...report });
      await dieAndGoOn();
      expect(await membership.group(runId)).toMatchObject({ generation: 2, phase: 'open', members: [] });

      await redis.hset(keys.desired(runId), 'state', 'paused');
      await dieAndGoOn();
      expect(await membership.group(runId)).toMatchObject({ phase: 'closed' });
      expect((await cluster.states(runId)).at(-1)).toMatchObject({ status: 'paused' });

      await beat(redis, ['idle', 'idle']);
      await redis.hset(keys.desired(runId), { state: 'running', maxWorkers: 2 });
      await dieAndGoOn();
      expect(await membership.group(runId)).toMatchObject({ phase: 'open', members: [] });

      await redis.hset(keys.desired(runId), 'state', 'cancelled');
      await dieAndGoOn();
      const lossAndPause = ['worker-lost', 'recovering', 'paused', 'scaled', 'continued', 'gathering'];
      const ledger = ['queued', 'gathering', 'started', ...lossAndPause, 'cancelled'];
      expect(await eventsOf(cluster, runId)).toEqual(ledger);
      const epochs = (await cluster.states(runId)).map(({ epoch }) => epoch);
      expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b));
      expect(await cluster.activeRuns()).toEqual([]);
    }
    expect(deaths).toBeGreaterThan(60);
  });
});

/** A connection that fails for good after so many calls: what its user has done by then stays done. */
function mortal(redis: Redis, calls: number): Redis {
  let left = calls;
  return new Proxy(redis, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function' || name === 'defineCommand') {
        return typeof value === 'function' ? value.bind(target) : value;
      }
      return (...args: unknown[]) => {
        left -= 1;
        if (left >= 0) {
          return value.apply(target, args);
        }
        if (name === 'multi') {
          throw new Error('died');
        }
        return Promise.reject(new Error('died'));
      };
    },
  });
}

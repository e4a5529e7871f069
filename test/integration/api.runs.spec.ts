import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bullPrefix, keys, newId, queueNames } from '@regatta/contracts';
import { Queue } from 'bullmq';
import { Reconciler } from '../../apps/api/src/runs/reconciler.js';
import { entry, TestApi } from '../support/api.js';
import { until } from '../support/until.js';

let api: TestApi;
let queue: Queue;
beforeAll(async () => {
  api = await TestApi.start();
  queue = new Queue(queueNames.runs, { connection: { url: api.redisServer.url }, prefix: bullPrefix });
  await api.dataset();
});
afterAll(async () => {
  await queue.close();
  await api.stop();
});

const body = (over: object = {}) => ({ task: 'bert-pretrain', dataset: 'words', ...over });
const beat = async (id: string, agoMs = 0) => {
  const [seconds] = await api.redis.time();
  const alive = { id, host: 'h', pid: 1, status: 'idle', fingerprint: 'f', threads: 1, memoryBytes: 1 };
  const idle = { runId: null, rank: null, generation: null, startedAt: new Date().toISOString() };
  await api.redis.hset(keys.workers, id, JSON.stringify({ ...alive, ...idle, beat: Number(seconds) * 1000 - agoMs }));
};
const finish = async (id: string) => {
  await api.tell(entry.state(id, 100, 'failed', { error: { code: 'internal', message: 'for the test' } }));
  await until(async () => (await api.call('get', `/runs/${id}`)).body.status === 'failed');
};

describe('a new run', () => {
  it('is a row, then a spec, a wish and a job', async () => {
    const made = await api.call('post', '/runs', { body: body({ name: 'first', tags: ['a'], priority: 5 }) });
    expect(made.status).toBe(201);
    expect(made.headers.location).toBe(`/api/v1/runs/${made.body.id}`);
    expect(made.body).toMatchObject({
      status: 'queued',
      desired: 'running',
      progress: { step: 0, maxSteps: 1000 },
      model: null,
    });
    expect(made.body.config).toMatchObject({
      model: { preset: 'bert-tiny', hiddenSize: 128 },
      training: { microBatchSize: 8 },
    });
    const { id } = made.body;
    const spec = JSON.parse((await api.redis.get(keys.spec(id))) as string);
    expect(spec).toMatchObject({ runId: id, dataset: { name: 'words', version: 1 }, config: made.body.config });
    expect(await api.redis.hgetall(keys.desired(id))).toEqual({
      state: 'running',
      priority: '5',
      minWorkers: '1',
      maxWorkers: '4',
    });
    expect(await api.redis.zscore(keys.activeRuns, id)).toBe(String(Date.parse(made.body.createdAt)));
    const jobs = await queue.getJobs();
    expect(jobs.map((job) => job.data)).toContainEqual({ runId: id });
  });

  it('is only checked by a dry run', async () => {
    const count = await api.rows.run.count();
    const answer = await api.call('post', '/runs?dryRun=true', { body: body({ model: { preset: 'bert-mini' } }) });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ valid: true, estimates: { secondsPerStep: null, seconds: null } });
    // V 8000, D 256, P 128, L 4, I 1024: embeddings, layers, pooler, masked-LM head, next-sentence head.
    const embeddings = (8000 + 128 + 2 + 2) * 256;
    const layer = 4 * (256 * 256 + 256) + 2 * 512 + (256 * 1024 + 1024) + (1024 * 256 + 256);
    const heads = 2 * (256 * 256 + 256) + 512 + 8000 + (2 * 256 + 2);
    expect(answer.body.estimates.parameters).toBe(embeddings + 4 * layer + heads);
    expect(await api.rows.run.count()).toBe(count);
  });

  it('is estimated from the speed of an earlier one', async () => {
    const id = await api.run({ training: { maxSteps: 10 } });
    await api.rows.run.update({ where: { id }, data: { secondsPerStep: 0.5 } });
    const { estimates } = (await api.call('post', '/runs?dryRun=true', { body: body({ training: { maxSteps: 40 } }) }))
      .body;
    expect(estimates).toMatchObject({ secondsPerStep: 0.5, seconds: 20 });
    const larger = await api.call('post', '/runs?dryRun=true', { body: body({ training: { globalBatchSize: 128 } }) });
    expect(larger.body.estimates.secondsPerStep).toBeCloseTo(1, 10);
  });
});

interface Listed {
  id: string;
  name: string;
  metrics: Record<string, number | null>;
  config: { optimizer: { warmupSteps: number } };
}

describe('the list', () => {
  it('pages through everything once, in each sort', async () => {
    const project = `p-${newId()}`;
    const made: string[] = [];
    for (const [i, name] of ['b', 'a', 'c', 'b', 'a'].entries())
      made.push(await api.run({ name, project, priority: i % 2, optimizer: { warmupSteps: [20, 3, 100, 3, 0][i] } }));
    for (const [i, loss] of [10.5, null, 9, 9, undefined].entries())
      await api.rows.run.update({ where: { id: made[i] }, data: { metrics: { 'train.loss': loss } } });
    const sorts = [
      'createdAt',
      'name',
      'priority',
      'metrics.train.loss',
      'config.optimizer.warmupSteps',
      'config.model',
    ];
    for (const sort of sorts.flatMap((column) => [column, `-${column}`])) {
      const seen: Listed[] = [];
      let cursor: string | null = null;
      do {
        const after: string = cursor ? `&cursor=${cursor}` : '';
        const page = await api.call('get', `/runs?project=${project}&limit=2&sort=${sort}${after}`);
        seen.push(...page.body.items);
        cursor = page.body.nextCursor;
      } while (cursor);
      expect(seen.map((run) => run.id).sort()).toEqual([...made].sort());
      if (sort === 'name') expect(seen.map((run) => run.name)).toEqual(['a', 'a', 'b', 'b', 'c']);
      if (sort === '-createdAt') expect(seen.map((run) => run.id)).toEqual([...made].reverse());
      const losses = seen.map((run) => run.metrics['train.loss'] ?? null);
      // without a value: last, either way
      if (sort === 'metrics.train.loss') expect(losses).toEqual([9, 9, 10.5, null, null]);
      if (sort === '-metrics.train.loss') expect(losses).toEqual([10.5, 9, 9, null, null]);
      const warmup = seen.map((run) => run.config.optimizer.warmupSteps);
      if (sort === 'config.optimizer.warmupSteps') expect(warmup).toEqual([0, 3, 3, 20, 100]);
      if (sort === '-config.optimizer.warmupSteps') expect(warmup).toEqual([100, 20, 3, 3, 0]);
    }
  });

  it('filters by status, tag and text, wildcards taken literally', async () => {
    const tag = newId().slice(0, 13);
    const id = await api.run({ name: 'a 100% run_x', tags: [tag] });
    const ids = async (query: string) =>
      (await api.call('get', `/runs?${query}`)).body.items.map((run: { id: string }) => run.id);
    expect(await ids(`tag=${tag}`)).toEqual([id]);
    expect(await ids(`text=${encodeURIComponent('100% RUN_X')}`)).toEqual([id]);
    expect(await ids(`text=${encodeURIComponent('1__% run')}`)).toEqual([]);
    expect(await ids(`tag=${tag}&status=completed`)).toEqual([]);
  });
});

describe('a patch', () => {
  it('changes what may change, and tells the workers of a priority', async () => {
    const id = await api.run();
    const answer = await api.call('patch', `/runs/${id}`, {
      body: { name: 'new', notes: 'n', tags: ['t'], priority: -7 },
    });
    expect(answer.body).toMatchObject({ name: 'new', notes: 'n', tags: ['t'], priority: -7 });
    expect((await api.redis.hgetall(keys.desired(id))).priority).toBe('-7');
  });
});

describe('pause, resume and scale', () => {
  const post = (id: string, what: string, sent?: object) => api.call('post', `/runs/${id}/${what}`, { body: sent });
  const wanted = (id: string) => api.redis.hgetall(keys.desired(id));

  it('say what is wanted, in the row and to the workers', async () => {
    await beat('there');
    const { id } = (await api.call('post', '/runs', { body: body() })).body;
    expect(await post(id, 'pause')).toMatchObject({ status: 202, body: { desired: 'paused', status: 'queued' } });
    expect(await wanted(id)).toMatchObject({ state: 'paused' });
    expect((await post(id, 'pause')).status).toBe(202);
    await api.tell(entry.state(id, 3, 'paused'));
    await until(async () => (await api.call('get', `/runs/${id}`)).body.status === 'paused');

    expect(await post(id, 'scale', { minWorkers: 2, maxWorkers: 8 })).toMatchObject({
      status: 202,
      body: { config: { distributed: { minWorkers: 2, maxWorkers: 8, logicalShards: 8 } } },
    });
    expect(await wanted(id)).toMatchObject({ state: 'paused', minWorkers: '2', maxWorkers: '8' });
    expect(await post(id, 'resume')).toMatchObject({ status: 202, body: { desired: 'running', status: 'paused' } });
    expect(await wanted(id)).toMatchObject({ state: 'running' });
    // the workers read the limits there; what the run was created with stays
    const spec = JSON.parse((await api.redis.get(keys.spec(id))) as string);
    expect(spec.config.distributed).toMatchObject({ minWorkers: 1, maxWorkers: 4 });
  });

  it('are refused where the run is in another state', async () => {
    await beat('there');
    const { id } = (await api.call('post', '/runs', { body: body() })).body;
    expect(await post(id, 'resume')).toMatchObject({ status: 409, body: { detail: 'This run is not paused' } });
    await post(id, 'cancel');
    for (const what of ['pause', 'resume', 'scale'])
      expect((await post(id, what, what === 'scale' ? { maxWorkers: 2 } : undefined)).status).toBe(409);
    await finish(id);
    expect((await post(id, 'pause')).status).toBe(409);
    expect((await post(newId(), 'pause')).status).toBe(404);
  });

  it('are refused where the limits do not fit', async () => {
    const id = await api.run();
    const errors = async (sent: object) => {
      const answer = await post(id, 'scale', sent);
      expect(answer.status).toBe(422);
      return answer.body.errors;
    };
    expect(await errors({ maxWorkers: 9 })).toEqual([
      { path: 'maxWorkers', message: 'must not exceed logicalShards (8)' },
    ]);
    expect(await errors({ minWorkers: 5 })).toEqual([
      { path: 'minWorkers', message: 'must not exceed maxWorkers (4)' },
    ]);
    expect(await errors({ minWorkers: 0 })).toMatchObject([{ path: 'minWorkers' }]);
    expect(await errors({})).toHaveLength(1);
    expect(await errors({ maxWorkers: 3, workers: 3 })).toMatchObject([{ path: 'workers' }]);
    expect((await api.call('post', `/runs/${id}/scale`)).status).toBe(400);
  });
});

describe('cancel', () => {
  it('is wished of a run that workers have', async () => {
    const id = await api.run();
    await beat('alive');
    await api.redis.hset(keys.state(id), { status: 'running', epoch: '2' });
    const answer = await api.call('post', `/runs/${id}/cancel`);
    expect(answer).toMatchObject({ status: 202, body: { desired: 'cancelled', status: 'queued' } });
    expect((await api.redis.hgetall(keys.desired(id))).state).toBe('cancelled');
    await api.tell(entry.state(id, 3, 'cancelled'));
    await until(async () => (await api.call('get', `/runs/${id}`)).body.status === 'cancelled');
    expect((await api.call('post', `/runs/${id}/cancel`)).status).toBe(409);
  });

  it('is done at once where no worker has it', async () => {
    await api.redis.del(keys.workers);
    const id = await api.run();
    const answer = await api.call('post', `/runs/${id}/cancel`);
    expect(answer.body).toMatchObject({ status: 'cancelled', desired: 'cancelled' });
    expect(answer.body.finishedAt).not.toBeNull();
    expect(await api.redis.zscore(keys.activeRuns, id)).toBeNull();
    await until(async () => (await api.redis.keys(`*${id}*`)).every((key) => !key.startsWith(keys.runs)));
    expect((await api.call('get', `/runs/${id}/events`)).body.items).toMatchObject([{ type: 'cancelled' }]);
  });
});

describe('delete', () => {
  it('waits until a run is finished, then takes everything with it', async () => {
    const id = await api.run();
    expect((await api.call('delete', `/runs/${id}`)).status).toBe(409);
    await api.tell(entry.metrics(id, 1, { 'train.loss': 1 }), entry.event(id, 'e'), entry.checkpoint(id, 1));
    await finish(id);
    expect((await api.call('delete', `/runs/${id}`)).status).toBe(204);
    for (const path of ['', '/metrics', '/events', '/checkpoints', '/stream'])
      expect((await api.call('get', `/runs/${id}${path}`)).status).toBe(404);
    expect(await api.rows.metricPoint.count({ where: { runId: id } })).toBe(0);
  });
});

describe('the reconciler', () => {
  it('tells Redis again what it has lost, but not of finished runs', async () => {
    const [lost, done] = [await api.run(), await api.run()];
    await finish(done);
    await api.redis.flushall();
    await api.app.get(Reconciler).reconcileAll();
    expect(await api.redis.exists(keys.spec(lost))).toBe(1);
    expect(await api.redis.exists(keys.spec(done))).toBe(0);
    expect((await queue.getJobs()).map((job) => job.data)).toContainEqual({ runId: lost });
  });

  it('leaves a run alone whose end has not been stored yet', async () => {
    const id = await api.run();
    await api.redis.del(keys.spec(id), keys.desired(id));
    await api.redis.zrem(keys.activeRuns, id);
    await api.redis.hset(keys.state(id), { status: 'completed', epoch: '9' });
    await api.app.get(Reconciler).reconcileAll();
    expect(await api.redis.zscore(keys.activeRuns, id)).toBeNull();
  });

  it('keeps the keys of a run that is over until its end is stored, and then removes all of them', async () => {
    const id = await api.run();
    await api.redis.hset(keys.state(id), { status: 'completed', epoch: '9' });
    await api.redis.hset(keys.reports(id, 3), 'member', '{}');
    await api.redis.sadd(keys.overRuns, id);
    const reconciler = api.app.get(Reconciler);
    await reconciler.tidyUp();
    expect(await api.redis.exists(keys.spec(id), keys.desired(id), keys.state(id), keys.reports(id, 3))).toBe(4);
    await api.tell(entry.state(id, 9, 'completed'));
    await until(async () => (await api.call('get', `/runs/${id}`)).body.status === 'completed');
    await reconciler.tidyUp();
    await reconciler.reconcileAll();
    expect((await api.redis.keys(`${keys.runs}${id}*`)).concat(await api.redis.smembers(keys.overRuns))).toEqual([]);
  });

  it('takes the epochs of a coordinator that had to start again', async () => {
    const id = await api.run();
    await api.tell(entry.state(id, 50, 'running'));
    await until(async () => (await api.call('get', `/runs/${id}`)).body.status === 'running');
    await api.redis.flushall();
    await api.app.get(Reconciler).reconcileAll();
    await api.tell(entry.state(id, 1, 'gathering'));
    await until(async () => (await api.call('get', `/runs/${id}`)).body.status === 'gathering');
  });
});

it('lists workers, and those that fell silent as lost', async () => {
  await api.redis.del(keys.workers);
  await beat('quick');
  await beat('gone', 10_000);
  await beat('forgotten', 3_700_000);
  await api.redis.hset(keys.workers, 'odd', 'not json');
  const { items } = (await api.call('get', '/workers')).body;
  expect(items.map((item: { id: string; status: string }) => [item.id, item.status])).toEqual([
    ['gone', 'lost'],
    ['quick', 'idle'],
  ]);
  expect(items[0].heartbeatAge).toBeGreaterThan(9);
  expect(await api.redis.hexists(keys.workers, 'forgotten')).toBe(0);
});

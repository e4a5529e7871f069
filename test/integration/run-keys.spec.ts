import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Membership, placeRun, report, transition } from '@regatta/collective';
import { isFinished, keys, type RunStatus } from '@regatta/contracts';
import { TestApi } from '../support/api.js';
import { Cluster } from '../support/cluster.js';
import { until } from '../support/until.js';

/** The API and real agents (with fake trainers) at one control Redis: what is left of runs that are over. */
let api: TestApi;
let cluster: Cluster;
const files = { 'model.safetensors': Buffer.from('weights'), 'state.json': Buffer.from('{"state":{"step":10}}') };
const short = { training: { maxSteps: 20, checkpointEvery: 5 } };
const endless = { training: { maxSteps: 100_000, checkpointEvery: 90_000 } };

const run = async (id: string) => (await api.call('get', `/runs/${id}`)).body;
const reaches = (id: string, status: RunStatus) =>
  until(async () => (await run(id)).status === status, { what: () => run(id) });
const ask = async (id: string, what: 'pause' | 'cancel') =>
  expect((await api.call('post', `/runs/${id}/${what}`)).status).toBe(202);
/** Nothing of any run is left in either server, though none has been told to go by itself. */
const nothingIsLeft = async () => {
  const left = async () => {
    const { lasting, expiring } = await cluster.keysOfRuns();
    return [...lasting, ...expiring, ...(await cluster.redis.smembers(keys.overRuns))];
  };
  await until(async () => (await left()).length === 0, { what: left });
};

beforeAll(async () => {
  api = await TestApi.start();
  cluster = await Cluster.start(api.redisServer);
}, 120_000);
afterAll(async () => {
  await cluster.stop();
  await api.stop();
});

it('leave no key, however they ended, and everything that was told can be read', async () => {
  const failed = await api.run(short);
  await cluster.redis.hset(`fake:${failed}`, { failAtStart: 'no such device', retryable: '0' });
  const unattended = await api.run(short);
  await ask(unattended, 'cancel');
  await reaches(unattended, 'cancelled');
  await Promise.all([cluster.addAgent(), cluster.addAgent()]);
  await reaches(failed, 'failed');

  const completed = await api.run(short);
  await reaches(completed, 'completed');
  const saved = await api.store.writeCheckpoint(completed, 10, files, { weightsSha256: 'ef'.repeat(32) });
  await api.rows.checkpoint.updateMany({
    where: { runId: completed, step: 10 },
    data: { sha256: saved.sha256, bytes: saved.bytes },
  });
  const forked = await api.call('post', `/runs/${completed}/fork`, { body: { checkpoint: 10 } });
  expect(forked.status).toBe(201);
  await reaches(forked.body.id, 'completed');

  const deleted = await api.run(short);
  await reaches(deleted, 'completed');
  expect((await api.call('delete', `/runs/${deleted}`)).status).toBe(204);

  const queued = await api.run({ ...short, distributed: { minWorkers: 3 } });
  await until(async () => (await cluster.redis.hget(keys.state(queued), 'status')) === 'queued');
  await ask(queued, 'cancel');
  await reaches(queued, 'cancelled');

  const paused = await api.run(endless);
  await until(async () => (await run(paused)).progress.step >= 2);
  await ask(paused, 'pause');
  await reaches(paused, 'paused');
  await ask(paused, 'cancel');
  await reaches(paused, 'cancelled');

  await nothingIsLeft();
  for (const id of [completed, forked.body.id]) {
    const [loss] = (await api.call('get', `/runs/${id}/metrics?names=train.loss`)).body.series;
    expect(loss.points).toHaveLength(20);
    expect((await api.call('get', `/runs/${id}/events`)).body.items.at(-1).type).toBe('completed');
  }
}, 240_000);

it('are not brought back by anybody who is late', async () => {
  const id = await api.run({ training: { maxSteps: 200 }, distributed: { minWorkers: 1, maxWorkers: 2 } });
  await cluster.redis.hset(`fake:${id}`, { stepMs: 50 });
  await until(async () => (await run(id)).progress.step >= 2 && (await run(id)).workers.length === 2);
  // the worker of rank 1 and its trainer freeze, and wake when the run is over
  const { workerId } = (await run(id)).workers[1];
  const zombie = cluster.agents.find((agent) => agent.workerId === workerId)?.process.pid as number;
  const frozen = [await cluster.trainerOf(id, 1), zombie];
  for (const pid of frozen) process.kill(pid, 'SIGSTOP');
  await reaches(id, 'completed');
  await nothingIsLeft();
  for (const pid of frozen) process.kill(pid, 'SIGCONT');
  await until(async () => (await cluster.workers()).every(({ status }) => status === 'idle'));

  // and whatever else a process could do that had been away since before the run began, or trained
  const group = new Membership(cluster.redis);
  const member = { memberId: 'late', workerId: 'w', host: 'h', fingerprint: 'kind-a' };
  const gang = { minWorkers: 1, maxWorkers: 1, reason: 'late', needs: keys.state(id) };
  await report(cluster.redis, { runId: id, generation: 1, memberId: 'late' }, { outcome: 'exited' }, 60);
  for (const epoch of [0, 3]) {
    const late = { runId: id, epoch, patch: { status: 'running' }, entries: [] };
    expect(await transition(cluster.redis, late)).toMatchObject({ ok: false });
  }
  const refused = [
    await group.open(id, 0, gang),
    await group.open(id, 1, gang),
    await group.claim(id, 1, member),
    await group.start(id, 1),
    await group.mark(id, 1, { step: 1, rank: 0 }),
    await group.meet(id, 1, { name: 'late', count: 0, rank: 0, value: '' }),
    await group.leave(id, 1, 'late', 'late'),
    await group.abort(id, 1, 'late'),
  ];
  expect(refused.map(({ accepted }) => accepted)).toEqual(refused.map(() => false));
  await group.drop(id);
  await placeRun(cluster.redis, id);
  await cluster.reconcile(id);
  await nothingIsLeft();
  expect(isFinished((await run(id)).status)).toBe(true);
}, 240_000);

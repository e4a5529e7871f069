import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { keys, newId } from '@regatta/contracts';
import { entry, TestApi } from '../support/api.js';
import { until } from '../support/until.js';

let api: TestApi;
let parent: string;
const files = { 'model.safetensors': Buffer.from('weights'), 'state.json': Buffer.from('{"state":{"step":20}}') };
const fork = (id: string, body: object, headers = {}) => api.call('post', `/runs/${id}/fork`, { body, headers });

beforeAll(async () => {
  api = await TestApi.start();
  parent = await api.run({ name: 'the first', training: { maxSteps: 40 } });
  for (const step of [20, 40]) {
    const saved = await api.store.writeCheckpoint(parent, step, files, { weightsSha256: 'ef'.repeat(32) });
    await api.tell(entry.checkpoint(parent, step, { sha256: saved.sha256, bytes: saved.bytes }));
  }
  await until(async () => (await api.call('get', `/runs/${parent}/checkpoints`)).body.items.length === 2);
});
afterAll(() => api.stop());

it('is a new run with its own copy of the checkpoint, its lineage and a line that says what differs', async () => {
  const made = await fork(parent, { checkpoint: 20, changes: { optimizer: { learningRate: 1e-4 } } });
  expect(made.status).toBe(201);
  const { id } = made.body;
  expect(made.headers.location).toBe(`/api/v1/runs/${id}`);
  expect(made.body).toMatchObject({
    name: 'the first from step 20',
    status: 'queued',
    progress: { step: 20, maxSteps: 40 },
    forkedFrom: { run: parent, name: 'the first', step: 20 },
    config: { optimizer: { learningRate: 1e-4, warmupSteps: 100 }, seed: 1 },
  });
  expect((await api.store.readCheckpoint(id, 20)).files).toEqual(files);
  expect((await api.call('get', `/runs/${id}/checkpoints`)).body.items).toMatchObject([
    { step: 20, weightsSha256: 'ef'.repeat(32) },
  ]);
  const [line] = (await api.call('get', `/runs/${id}/events`)).body.items;
  expect(line.message).toBe(
    'This run starts from the checkpoint of step 20 of the first, with optimizer.learningRate 0.0001 (before: 0.0005).',
  );
  const spec = JSON.parse((await api.redis.get(keys.spec(id))) as string);
  expect(spec.config.optimizer.learningRate).toBe(1e-4);
});

it('outlives the run that it comes from', async () => {
  const other = await api.run({ training: { maxSteps: 40 } });
  await api.store.writeCheckpoint(other, 10, files, { weightsSha256: 'ef'.repeat(32) });
  await api.tell(entry.checkpoint(other, 10), entry.state(other, 9, 'failed'));
  await until(async () => (await api.call('get', `/runs/${other}`)).body.status === 'failed');
  const { id } = (await fork(other, { checkpoint: 10 })).body;
  expect((await api.call('delete', `/runs/${other}`)).status).toBe(204);
  expect((await api.call('get', `/runs/${id}`)).body.forkedFrom).toMatchObject({ run: null, step: 10 });
  expect((await api.store.readCheckpoint(id, 10)).files).toEqual(files);
});

it('is made once, however often it is asked for with the same key', async () => {
  const key = { 'idempotency-key': newId() };
  const first = await fork(parent, { checkpoint: 20 }, key);
  const again = await fork(parent, { checkpoint: 20 }, key);
  expect(again.body.id).toBe(first.body.id);
  expect((await fork(parent, { checkpoint: 40, changes: {} }, key)).status).toBe(422);
});

it('is refused where there is nothing to fork, or nothing left to train', async () => {
  expect((await fork(newId(), { checkpoint: 20 })).status).toBe(404);
  expect((await fork(parent, { checkpoint: 30 })).body).toMatchObject({ status: 404 });
  expect((await fork(await api.run(), { checkpoint: 20 })).status).toBe(409);
  expect((await fork(parent, { checkpoint: 40 })).body.errors).toEqual([
    {
      path: 'changes.training.maxSteps',
      message: 'must be more: the checkpoint is of step 40 of 40, and nothing would be left to train',
    },
  ]);
  expect((await fork(parent, {})).status).toBe(422);
  expect((await api.call('post', `/runs/${parent}/fork`)).status).toBe(400);
  expect((await api.call('post', `/runs/${parent}/fork`, { as: 'viewer', body: { checkpoint: 20 } })).status).toBe(403);
});

it('tells which change does not fit, and why', async () => {
  const errors = async (changes: object) => {
    const answer = await fork(parent, { checkpoint: 20, changes });
    expect(answer.status).toBe(422);
    return answer.body.errors;
  };
  expect(await errors({ seed: 2, model: { hiddenSize: 64 } })).toEqual(
    expect.arrayContaining([
      { path: 'changes.seed', message: expect.stringMatching(/^must stay as it is: it decides which data/) },
      { path: 'changes.model.hiddenSize', message: expect.stringMatching(/^must stay as it is: the weights/) },
    ]),
  );
  expect(await errors({ optimizer: { learningrate: 1 } })).toEqual([
    { path: 'optimizer.learningrate', message: 'is not a known field; did you mean learningRate?' },
  ]);
  expect(await errors({ distributed: { minWorkers: 9 } })).not.toHaveLength(0);
});

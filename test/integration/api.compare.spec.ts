import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '@regatta/contracts';
import { entry, TestApi } from '../support/api.js';
import { until } from '../support/until.js';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
  await api.dataset();
});
afterAll(() => api.stop());

it('puts runs side by side, and says what is wrong with a question', async () => {
  const [first, seed, other] = [
    await api.run(),
    await api.run({ seed: 5 }),
    await api.run({ training: { maxSteps: 9 } }),
  ];
  await api.tell(entry.metrics(seed, 1, { 'train.loss': 1.5 }));
  await until(async () => (await api.call('get', `/runs/${seed}`)).body.progress.step === 1);
  const read = (runIds: string) => api.call('get', `/compare?runIds=${runIds}`, { as: 'viewer' });

  const { status, body } = await read([seed, first, other, seed].join(','));
  expect(status).toBe(200);
  expect(body.runs.map((run: { id: string }) => run.id)).toEqual([seed, first, other]);
  expect(body.runs.map((run: { group: number }) => run.group)).toEqual([0, 0, 1]);
  expect(body.config).toContainEqual({ name: 'seed', values: [5, 1, 1] });
  expect(body.config.map(({ name }: { name: string }) => name)).toContain('training.maxSteps');
  expect(body.metrics).toContainEqual({ name: 'train.loss', values: [1.5, null, null] });

  const alone = await read(`${first},${first}`);
  expect([alone.status, alone.body.errors[0].path]).toEqual([422, 'runIds']);
  const crowd = await read(Array.from({ length: 21 }, newId).join(','));
  expect(crowd.status).toBe(422);
  expect((await api.call('get', '/compare')).status).toBe(422);
  for (const nobody of [newId(), 'x', "'; --"])
    expect((await read(`${first},${encodeURIComponent(nobody)}`)).status).toBe(404);
});

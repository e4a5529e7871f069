import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { entry, TestApi } from '../support/api.js';
import { until } from '../support/until.js';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
  await api.dataset();
});
afterAll(() => api.stop());

describe('metrics', () => {
  it('keep the least and the greatest of each bucket', async () => {
    const id = await api.run();
    const values = Array.from({ length: 1000 }, (_, i) => (i === 617 ? 99 : i === 618 ? -99 : Math.sin(i)));
    await api.tell(
      ...values.map((value, i) => entry.metrics(id, i + 1, { 'train.loss': value, 'rank.0.computeMs': 1 })),
    );
    await until(async () => (await api.call('get', `/runs/${id}`)).body.progress.step === 1000);
    const read = async (query: string) => (await api.call('get', `/runs/${id}/metrics?${query}`)).body.series;
    const [thin] = await read('names=train.loss&maxPoints=20');
    expect(thin.points.length).toBeLessThanOrEqual(20);
    expect(thin.points.map((point: { value: number }) => point.value)).toEqual(expect.arrayContaining([99, -99]));
    const steps = thin.points.map((point: { step: number }) => point.step);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect((await read('names=train.loss'))[0].points).toHaveLength(1000);
    expect((await read('names=train.*&from=11&to=13'))[0].points.map((point: { step: number }) => point.step)).toEqual([
      11, 12, 13,
    ]);
    expect((await read('names=rank.*,nothing')).map((series: { name: string }) => series.name)).toEqual([
      'nothing',
      'rank.0.computeMs',
    ]);
    expect((await read('maxPoints=1')).map((series: { points: [] }) => series.points.length)).toEqual([1, 1]);
    expect(await read('names=train_loss')).toMatchObject([{ name: 'train_loss', points: [] }]);
  });
});

describe('samples', () => {
  it('are stored once, and listed newest first', async () => {
    const id = await api.run();
    const rows = [{ input: 'in', expected: 'a', predicted: 'b', correct: false }];
    const matrix = { labels: ['a'], counts: [[3]] };
    await api.tell(
      entry.samples(id, 10, 'predictions', rows),
      entry.samples(id, 10, 'confusion-matrix', matrix),
      entry.samples(id, 20, 'predictions', [...rows, ...rows]),
      entry.samples(id, 10, 'predictions', rows),
      // A restored run that would tell otherwise changes nothing.
      entry.samples(id, 20, 'predictions', []),
      entry.metrics(id, 20, { 'train.loss': 1 }),
    );
    await until(async () => (await api.call('get', `/runs/${id}`)).body.progress.step === 20);
    const list = async (query = '') => (await api.call('get', `/runs/${id}/samples?${query}`, { as: 'viewer' })).body;
    const places = (page: { items: { step: number; kind: string }[] }) =>
      page.items.map(({ step, kind }) => [step, kind]);
    const all = await list();
    expect(places(all)).toEqual([
      [20, 'predictions'],
      [10, 'confusion-matrix'],
      [10, 'predictions'],
    ]);
    expect(all.items[0].data).toHaveLength(2);
    expect(all.items[1]).toMatchObject({ data: matrix, time: expect.any(String) });
    const first = await list('limit=2');
    expect(places(first)).toEqual(places(all).slice(0, 2));
    expect(places(await list(`limit=2&cursor=${first.nextCursor}`))).toEqual(places(all).slice(2));
    expect(places(await list('kind=predictions'))).toEqual([
      [20, 'predictions'],
      [10, 'predictions'],
    ]);
    expect(places(await list('step=10&kind=predictions'))).toEqual([[10, 'predictions']]);
    expect((await api.call('get', `/runs/${id}/samples?cursor=x`)).status).toBe(422);
    expect((await api.call('get', `/runs/${id}/samples?kind=pictures`)).status).toBe(422);
  });
});

it('projects are made, renamed and deleted; a name is taken once', async () => {
  const made = await api.call('post', '/projects', { body: { name: 'house' } });
  expect(made).toMatchObject({ status: 201, body: { name: 'house', runs: 0 } });
  expect((await api.call('post', '/projects', { body: { name: 'house' } })).status).toBe(409);
  const path = `/projects/${made.body.id}`;
  expect((await api.call('patch', path, { body: { name: 'default' } })).status).toBe(409);
  expect((await api.call('patch', path, { body: { name: 'boat' } })).body.name).toBe('boat');
  await api.run({ project: 'boat' });
  expect((await api.call('delete', path)).status).toBe(409);
  expect((await api.call('get', '/projects')).body.items).toContainEqual(
    expect.objectContaining({ name: 'boat', runs: 1 }),
  );
});

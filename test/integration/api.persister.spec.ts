import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { keys, newId } from '@regatta/contracts';
import { entry, TestApi } from '../support/api.js';
import { availableKinds } from '../support/database.js';
import { until } from '../support/until.js';

describe.each(availableKinds())('the persister on %s', (kind) => {
  let api: TestApi;
  beforeAll(async () => {
    api = await TestApi.start(kind);
  }, 240_000);
  afterAll(() => api?.stop());

  const emptied = () => until(async () => (await api.redis.xlen(keys.stream)) === 0);
  const points = async (id: string) => (await api.call('get', `/runs/${id}/metrics`)).body.series;
  const ledger = async (id: string) => (await api.call('get', `/runs/${id}/events`)).body.items;

  it('stores points, the exact numbers, and trims the stream behind them', async () => {
    const id = await api.run();
    const values = [0.1 + 0.2, 1 / 3, 5e-324, -1.7976931348623157e308, null];
    await api.tell(...values.map((value, i) => entry.metrics(id, i + 1, { 'train.loss': value, 'train.gradNorm': 1 })));
    await emptied();
    const [gradNorm, loss] = await points(id);
    expect(gradNorm.points).toHaveLength(5);
    expect(loss.points.map((point: { value: number }) => point.value)).toEqual(values);
    expect((await api.call('get', `/runs/${id}`)).body).toMatchObject({
      progress: { step: 5 },
      metrics: { 'train.loss': null },
    });
  });

  it('stores a repeated point once, and raises an alarm where a loss comes out differently', async () => {
    const id = await api.run();
    await api.tell(entry.metrics(id, 1, { 'train.loss': 7 }), entry.metrics(id, 2, { 'train.loss': 6 }));
    await emptied();
    await api.tell(
      entry.metrics(id, 1, { 'train.loss': 7, 'train.gradNorm': 2 }),
      entry.metrics(id, 2, { 'train.loss': 6.000000000000001 }, { generation: 2 }),
    );
    await emptied();
    const [, loss] = await points(id);
    expect(loss.points.map((point: { value: number }) => point.value)).toEqual([7, 6]);
    expect(await ledger(id)).toMatchObject([
      { type: 'determinism-alarm', step: 2, data: { stored: 6, again: 6.000000000000001 } },
    ]);
    // announced: its micro-batch is smaller from step 3 on, and what is repeated up to there comes out differently
    await api.tell(
      entry.event(id, 'smaller', { event: 'numbers-changed', step: 2, generation: 3 }),
      entry.metrics(id, 1, { 'train.loss': 7.5 }, { generation: 3 }),
    );
    await emptied();
    expect((await ledger(id)).map(({ type }: { type: string }) => type)).toEqual([
      'determinism-alarm',
      'numbers-changed',
    ]);
  });

  it('takes states by their epoch, and leaves a finished run finished', async () => {
    const id = await api.run();
    const state = async () => (await api.call('get', `/runs/${id}`)).body;
    const workers = [{ rank: 0, workerId: 'w', host: 'h' }];
    await api.tell(entry.state(id, 3, 'running', { workers }), entry.state(id, 2, 'gathering'));
    await emptied();
    expect(await state()).toMatchObject({ status: 'running', workers, finishedAt: null });
    expect((await state()).startedAt).not.toBeNull();
    await api.tell(
      entry.checkpoint(id, 4),
      entry.model(id, 4),
      entry.state(id, 4, 'completed', { weightsSha256: 'ef'.repeat(32), goodput: 0.9, fingerprint: 'compiled code-1' }),
      entry.state(id, 5, 'running'),
    );
    await emptied();
    const model = (await api.call('get', '/models')).body.items.find((item: { runId: string }) => item.runId === id);
    expect(await state()).toMatchObject({
      status: 'completed',
      goodput: 0.9,
      weightsSha256: 'ef'.repeat(32),
      fingerprint: 'compiled code-1',
      model: model.id,
    });
  });

  it('keeps one line of the ledger a key, and forgets a checkpoint that was retired', async () => {
    const id = await api.run();
    await api.tell(entry.event(id, 'twice'), entry.event(id, 'twice'), entry.event(id, 'once'));
    await api.tell(entry.checkpoint(id, 10), entry.checkpoint(id, 20), entry.checkpoint(id, 10, { removed: true }));
    await emptied();
    expect((await ledger(id)).map((line: { message: string }) => line.message)).toEqual(['twice', 'once']);
    const checkpoints = (await api.call('get', `/runs/${id}/checkpoints`)).body.items;
    expect(checkpoints.map((item: { step: number }) => item.step)).toEqual([20]);
  });

  it('lets nothing that is malformed, too large or of an unknown run stand in the way', async () => {
    const id = await api.run();
    await api.redis.xadd(keys.stream, '*', 'data', '{not json');
    await api.redis.xadd(keys.stream, '*', 'other', 'field');
    await api.redis.xadd(keys.stream, '*', 'data', JSON.stringify({ type: 'metrics', runId: id }));
    await api.redis.xadd(keys.stream, '*', 'data', JSON.stringify(entry.event(id, 'nul \0 in it')));
    await api.tell(entry.metrics(id, 2 ** 31, { 'train.loss': 1 }), entry.metrics(newId(), 1, { 'train.loss': 1 }));
    await api.tell(entry.metrics(id, 1, { 'train.loss': 3 }));
    await emptied();
    expect(await points(id)).toMatchObject([{ name: 'train.loss', points: [{ step: 1, value: 3 }] }]);
    expect(await api.rows.deadLetter.count()).toBe(5);
  });

  it('puts aside an entry that only the database refuses', async () => {
    const id = await api.run();
    const before = await api.rows.deadLetter.count();
    const steps = [1, 2, 3].map((step) => entry.metrics(id, step, { 'train.loss': step }));
    await api.tell(steps[0], entry.checkpoint(id, 1, { time: '0000-01-01T00:00:00Z' }), ...steps.slice(1));
    await emptied();
    expect(await points(id)).toMatchObject([{ points: [{ step: 1 }, { step: 2 }, { step: 3 }] }]);
    expect(await api.rows.deadLetter.count()).toBe(before + 1);
  });

  it('loses nothing while the database is away', async () => {
    const id = await api.run();
    await api.tell(entry.metrics(id, 1, { 'train.loss': 1 }));
    await emptied();
    const back = api.database.restart();
    await api.tell(...[2, 3, 4].map((step) => entry.metrics(id, step, { 'train.loss': step })));
    await back;
    await emptied();
    await until(async () => (await api.call('get', `/runs/${id}`)).body.progress?.step === 4, { timeout: 20_000 });
  }, 60_000);
});

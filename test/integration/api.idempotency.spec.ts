import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApi } from '../support/api.js';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
  await api.dataset();
});
afterAll(() => api.stop());

const body = (over: object = {}) => ({ task: 'bert-pretrain', dataset: 'words', ...over });

describe('an Idempotency-Key', () => {
  const post = (key: string, sent: object) =>
    api.call('post', '/runs', { body: sent, headers: { 'idempotency-key': key } });

  it('gets the first answer again, and makes one run', async () => {
    const [first, again] = [await post('same', body({ name: 'once' })), await post('same', body({ name: 'once' }))];
    expect(again).toMatchObject({ status: 201, body: first.body });
    expect(again.headers).toMatchObject({ location: first.headers.location, 'idempotent-replayed': 'true' });
    expect(await api.rows.run.count({ where: { name: 'once' } })).toBe(1);
  });

  it('is refused with another body', async () => {
    await post('other', body());
    expect((await post('other', body({ seed: 2 }))).status).toBe(422);
  });

  it('belongs to its sender', async () => {
    const first = await post('mine', body());
    const other = await api.call('post', '/runs', {
      as: 'admin',
      body: body(),
      headers: { 'idempotency-key': 'mine' },
    });
    expect(other.status).toBe(201);
    expect(other.body.id).not.toBe(first.body.id);
  });

  it('is free again after a refusal', async () => {
    expect((await post('retry', body({ dataset: 'nothing' }))).status).toBe(422);
    expect((await post('retry', body())).status).toBe(201);
  });

  it('of twenty at once lets one through; the others wait or get its answer', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => post('many', body({ name: 'many' }))));
    for (const { status } of answers) expect([201, 409]).toContain(status);
    expect(new Set(answers.filter(({ status }) => status === 201).map((answer) => answer.body.id)).size).toBe(1);
    expect(await api.rows.run.count({ where: { name: 'many' } })).toBe(1);
  });

  it('that a crash has left finds the run that was made', async () => {
    const first = await post('crash', body({ name: 'crash' }));
    const left = { status: null, lockedAt: new Date(Date.now() - 61_000) };
    await api.rows.idempotencyKey.updateMany({ where: { key: 'crash' }, data: left });
    const again = await post('crash', body({ name: 'crash' }));
    expect(again.body.id).toBe(first.body.id);
    expect(await api.rows.run.count({ where: { name: 'crash' } })).toBe(1);
  });

  it('is 409 while the first request is under way', async () => {
    await post('busy', body());
    await api.rows.idempotencyKey.updateMany({ where: { key: 'busy' }, data: { status: null, lockedAt: new Date() } });
    expect((await post('busy', body())).status).toBe(409);
  });

  it('ends after 24 hours', async () => {
    const first = await post('old', body());
    const dayAgo = new Date(Date.now() - 24 * 3600_000 - 1);
    await api.rows.idempotencyKey.updateMany({ where: { key: 'old' }, data: { createdAt: dayAgo } });
    expect((await post('old', body())).body.id).not.toBe(first.body.id);
  });
});

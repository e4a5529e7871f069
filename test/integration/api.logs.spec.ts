import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { keptLogLines, keys, type LogsEntry, newId, type StreamEntry } from '@regatta/contracts';
import { entry, TestApi } from '../support/api.js';
import { availableKinds } from '../support/database.js';
import { until } from '../support/until.js';

const line = (text: string, over = {}): LogsEntry['lines'][number] => ({
  time: new Date().toISOString(),
  level: 'info',
  rank: 0,
  source: 'trainer',
  text,
  ...over,
});
const logs = (runId: string, seq: number, lines: LogsEntry['lines'], writer = 'w'): StreamEntry => ({
  type: 'logs',
  runId,
  writer,
  seq,
  lines,
});

describe.each(availableKinds())('the log of a run on %s', (kind) => {
  let api: TestApi;
  beforeAll(async () => {
    api = await TestApi.start(kind);
  });
  afterAll(() => api.stop());

  const emptied = () => until(async () => (await api.redis.xlen(keys.stream)) === 0);
  const read = async (id: string, query = '') => (await api.call('get', `/runs/${id}/logs${query}`)).body;
  const texts = async (id: string, query = '') =>
    (await read(id, query)).items.map((item: { text: string }) => item.text);

  it('has each line once, in order, however often it was sent, beside the metrics of its run', async () => {
    const id = await api.run();
    const first = logs(id, 1, [line('one', { level: 'warn', rank: null, source: 'agent' }), line('two')]);
    await api.tell(first, entry.metrics(id, 1, { 'train.loss': 1 }), first, logs(id, 1, [line('of another')], 'v'));
    await api.tell(logs(id, 3, [line('three')]), logs(newId(), 1, [line('of a run that is not there')]));
    await emptied();
    expect(await texts(id)).toEqual(['one', 'two', 'of another', 'three']);
    expect((await read(id)).items[0]).toMatchObject({
      level: 'warn',
      rank: null,
      source: 'agent',
      worker: 'w',
    });
  });

  it('is searched by text, level and rank, page by page, from either end', async () => {
    const id = await api.run();
    const lines = [
      line('step 1 100% done', { rank: 1 }),
      line('Step 2', { level: 'error', rank: 1 }),
      line('other', { level: 'fatal' }),
      line('step 100 done'),
    ];
    await api.tell(logs(id, 1, lines));
    await emptied();
    expect(await texts(id, '?text=STEP')).toEqual(['step 1 100% done', 'Step 2', 'step 100 done']);
    expect(await texts(id, '?text=100%25')).toEqual(['step 1 100% done']);
    expect(await texts(id, '?level=error')).toEqual(['Step 2', 'other']);
    expect(await texts(id, '?rank=1&level=warn')).toEqual(['Step 2']);
    const page = await read(id, '?limit=3&sort=-time');
    expect(page.items).toHaveLength(3);
    expect(await texts(id, `?sort=-time&cursor=${page.nextCursor}`)).toEqual(['step 1 100% done']);
    // whoever follows the end asks for what is behind the last line that it has
    expect(await read(id, `?cursor=${page.items[0].id}`)).toEqual({ items: [], nextCursor: null });
    await api.tell(logs(id, 5, [line('new')]));
    await emptied();
    expect(await texts(id, `?cursor=${page.items[0].id}`)).toEqual(['new']);
  });

  it('refuses what it cannot search by', async () => {
    const id = await api.run();
    for (const query of ['?level=loud', '?rank=-1', '?rank=x', '?text=', '?cursor=x', '?sort=text', '?limit=0', '?a=1'])
      expect((await api.call('get', `/runs/${id}/logs${query}`)).status).toBe(422);
    expect((await api.call('get', `/runs/${newId()}/logs`)).status).toBe(404);
  });

  it('keeps the newest lines, and goes with its run', async () => {
    const id = await api.run();
    const old = { runId: id, writer: 'old', time: new Date(), level: 2, source: 'agent', text: 'old' };
    const many = Array.from({ length: keptLogLines }, (_, i) => ({ ...old, id: BigInt(-i), seq: i + 1 }));
    await api.rows.logLine.createMany({ data: many });
    await api.tell(logs(id, 1, [line('new'), line('newer')]));
    await emptied();
    expect(await api.rows.logLine.count({ where: { runId: id } })).toBe(keptLogLines);
    expect(await texts(id, '?limit=2&sort=-time')).toEqual(['newer', 'new']);
    await api.tell(entry.state(id, 1, 'completed'));
    await emptied();
    expect((await api.call('delete', `/runs/${id}`)).status).toBe(204);
    expect(await api.rows.logLine.count()).toBeLessThan(keptLogLines);
  });
});

describe('draining a worker', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await TestApi.start();
  });
  afterAll(() => api.stop());

  it('writes what is wanted of it, and says where there is nobody to do it', async () => {
    await api.beat('host-1-ab');
    const drain = await api.call('post', '/workers/host-1-ab/drain');
    expect(drain).toMatchObject({ status: 202, body: { id: 'host-1-ab', status: 'idle' } });
    expect(await api.redis.smembers(keys.drained)).toEqual(['host-1-ab']);
    expect((await api.call('post', '/workers/host-1-ab/resume')).status).toBe(202);
    expect(await api.redis.smembers(keys.drained)).toEqual([]);
    expect((await api.call('post', '/workers/nobody/drain')).status).toBe(404);
    expect((await api.call('post', '/workers/%2e%2e%2f/resume')).status).toBe(404);
    const beat = JSON.parse((await api.redis.hget(keys.workers, 'host-1-ab')) as string);
    const [now] = await api.redis.time();
    const late = { ...beat, beat: (Number(now) - 60) * 1000 };
    await api.redis.hset(keys.workers, 'host-1-ab', JSON.stringify(late));
    expect(await api.call('post', '/workers/host-1-ab/drain')).toMatchObject({ status: 409 });
  });
});

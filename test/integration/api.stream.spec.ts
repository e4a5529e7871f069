import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient, type RunStreamMessage, streamRun } from '@regatta/client';
import { entry, TestApi } from '../support/api.js';
import { availableKinds } from '../support/database.js';
import { until } from '../support/until.js';

describe.each(availableKinds())("a run's stream on %s", (kind) => {
  let api: TestApi;
  beforeAll(async () => {
    api = await TestApi.start(kind);
  });
  afterAll(() => api.stop());

  const client = () => createClient({ baseUrl: api.url, apiKey: api.roles.viewer });
  /** Follows until the end. `seen`: where the messages are put as they come. */
  async function follow(id: string, lastEventId?: string, seen: RunStreamMessage[] = []): Promise<RunStreamMessage[]> {
    for await (const message of streamRun(client(), id, { lastEventId })) seen.push(message);
    return seen;
  }
  const told = (messages: RunStreamMessage[]) =>
    messages.flatMap((message) => (message.event === 'metric' ? [`${message.data.name} ${message.data.step}`] : []));
  const stored = (id: string, step: number) =>
    until(async () => (await api.call('get', `/runs/${id}`)).body.progress.step === step);

  it('sends what is there, what comes, the states, and an end after all of it', async () => {
    const id = await api.run();
    await api.tell(entry.metrics(id, 1, { 'train.loss': 3 }), entry.event(id, 'hello'));
    await stored(id, 1);
    const following = follow(id);
    await api.tell(entry.state(id, 1, 'running'), entry.metrics(id, 2, { 'train.loss': null }));
    await stored(id, 2);
    await api.tell(entry.metrics(id, 3, { 'train.loss': 1 }), entry.state(id, 2, 'failed'));
    const messages = await following;
    expect(told(messages)).toEqual(['train.loss 1', 'train.loss 2', 'train.loss 3']);
    expect(messages.filter(({ event }) => event === 'event')).toMatchObject([
      { data: { message: 'hello', type: 'warning' } },
    ]);
    expect(messages.slice(-2)).toMatchObject([{ event: 'status', data: { id, status: 'failed' } }, { event: 'end' }]);
    const ids = messages.map((message) => BigInt(message.id));
    expect(ids).toEqual([...ids].sort((a, b) => (a < b ? -1 : 1)));
  });

  it('resumes at every place without a gap or a repeat', async () => {
    const id = await api.run();
    for (let step = 1; step <= 12; step++)
      await api.tell(entry.metrics(id, step, { 'train.loss': step, 'train.gradNorm': 1 }), entry.event(id, `e${step}`));
    await api.tell(entry.state(id, 1, 'failed'));
    const all = (await follow(id)).filter(({ event }) => event === 'metric' || event === 'event');
    expect(all).toHaveLength(36);
    for (const [i, { id: from }] of all.entries()) {
      const rest = (await follow(id, from)).filter(({ event }) => event === 'metric' || event === 'event');
      expect(rest).toEqual(all.slice(i + 1));
    }
  });

  it('follows a run of which more comes than one page, read slowly', async () => {
    const id = await api.run();
    for (let first = 1; first <= 3000; first += 500)
      await api.tell(...Array.from({ length: 500 }, (_, i) => entry.metrics(id, first + i, { 'train.loss': i })));
    await api.tell(entry.state(id, 1, 'completed'));
    const messages = await follow(id);
    expect(told(messages)).toEqual(Array.from({ length: 3000 }, (_, i) => `train.loss ${i + 1}`));
  });

  it('ends when the run is deleted, and is 404 after that', async () => {
    const id = await api.run();
    const seen: RunStreamMessage[] = [];
    const following = follow(id, undefined, seen);
    await until(async () => seen.length > 0);
    await api.rows.run.delete({ where: { id } });
    expect((await following).at(-1)).toMatchObject({ event: 'end', data: { reason: 'deleted' } });
    await expect(follow(id)).rejects.toMatchObject({ status: 404 });
  });
});

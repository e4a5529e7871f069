import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient, streamRun } from '@regatta/client';
import { keys, newId, type Run } from '@regatta/contracts';
import { Redis } from 'ioredis';
import { Database } from '../../apps/api/src/database/database.js';
import { entry } from '../support/api.js';
import { ApiProcess } from '../support/api-process.js';
import { availableKinds, startDatabase, type TestDatabase } from '../support/database.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { until } from '../support/until.js';

const steps = 600;
const kills = 3;

describe.each(availableKinds())('an API that is killed again and again, on %s', (kind) => {
  let database: TestDatabase;
  let rows: Database;
  let server: TestRedis;
  let redis: Redis;
  let dataDir: string;
  let api: ApiProcess;
  let apiKey: string;

  beforeAll(async () => {
    [database, server] = await Promise.all([startDatabase(kind), startRedis({ aof: true })]);
    dataDir = await mkdtemp(path.join(tmpdir(), 'regatta-killed-'));
    rows = new Database(database.url);
    redis = new Redis(server.url);
    api = await ApiProcess.start({ DATABASE_URL: database.url, REDIS_URL: server.url, DATA_DIR: dataDir });
    apiKey = await readFile(path.join(dataDir, 'api-key'), 'utf8');
    const content = { kind: 'text', sha256: 'ab'.repeat(32), source: 'x', bytes: 1n, warnings: [] };
    const identity = { id: newId(), name: 'words', version: 1 };
    await rows.dataset.create({ data: { ...identity, ...content, documents: 1, sentences: 1, words: 1 } });
  });
  afterAll(async () => {
    await api?.end('SIGKILL');
    redis?.disconnect();
    await rows?.$disconnect();
    await Promise.all([database?.stop(), server?.stop()]);
    await rm(dataDir, { recursive: true, force: true });
  });

  /** As a script would: the same key until there is an answer. */
  async function post(name: string): Promise<Run> {
    const key = newId();
    return until(async () => {
      const answer = await fetch(`${api.url}/api/v1/runs`, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify({ task: 'bert-pretrain', dataset: 'words', name }),
      });
      return answer.status === 201 ? ((await answer.json()) as Run) : undefined;
    });
  }

  it('loses no point, stores none twice, shows a reader each once, and keeps every run that was answered', async () => {
    const { id } = await post('followed');
    const seen: number[] = [];
    const reading = (async () => {
      for await (const message of streamRun(createClient({ baseUrl: api.url, apiKey }), id))
        if (message.event === 'metric' && message.data.name === 'train.loss') seen.push(message.data.step);
    })();
    let produced = 0;
    const producing = (async () => {
      for (let step = 1; step <= steps; step++) {
        const told = entry.metrics(id, step, { 'train.loss': 1 / step, 'train.gradNorm': step });
        await redis.xadd(keys.stream, '*', 'data', JSON.stringify(told));
        produced = step;
        // Not all at once: each life of the API shall have something to do.
        if (step % 10 === 0) await until(async () => (await redis.xlen(keys.stream)) < 150);
      }
    })();
    const posting = Promise.all(Array.from({ length: 8 }, (_, i) => post(`posted ${i}`)));
    for (let kill = 1; kill <= kills; kill++) {
      await until(() => produced >= (kill * steps) / (kills + 1));
      await api.end('SIGKILL');
      await api.start();
    }
    await producing;
    const posted = await posting;
    await redis.xadd(keys.stream, '*', 'data', JSON.stringify(entry.state(id, 1, 'completed')));
    await reading;

    const all = Array.from({ length: steps }, (_, i) => i + 1);
    expect(seen).toEqual(all);
    const stored = await rows.metricPoint.findMany({
      where: { runId: id, name: 'train.loss' },
      orderBy: { step: 'asc' },
    });
    expect(stored.map((point) => [point.step, point.value])).toEqual(all.map((step) => [step, 1 / step]));
    expect(await rows.deadLetter.count()).toBe(0);
    await until(async () => (await redis.xlen(keys.stream)) === 0);

    expect(await rows.run.count({ where: { name: { startsWith: 'posted' } } })).toBe(8);
    for (const run of posted)
      await until(async () => (await redis.exists(keys.spec(run.id), keys.desired(run.id))) === 2);
  }, 600_000);

  it('ends in good order when it is asked to', async () => {
    expect(await api.end('SIGTERM')).not.toBe(1);
  });
});

describe('an API that cannot start', () => {
  let database: TestDatabase;
  let server: TestRedis;
  let dataDir: string;
  beforeAll(async () => {
    [database, server] = await Promise.all([startDatabase(), startRedis()]);
    dataDir = await mkdtemp(path.join(tmpdir(), 'regatta-killed-'));
  });
  afterAll(async () => {
    await Promise.all([database?.stop(), server?.stop()]);
    await rm(dataDir, { recursive: true, force: true });
  });

  it('says why in one sentence', async () => {
    const failed = (settings: Record<string, string>) =>
      ApiProcess.run({ DATABASE_URL: database.url, REDIS_URL: server.url, DATA_DIR: dataDir, ...settings });
    expect(await failed({ DATABASE_URL: 'postgresql://postgres@127.0.0.1:1/x' })).toEqual({
      code: 1,
      output: 'The database of DATABASE_URL is not reachable: is it running?\n',
    });
    const port = new URL(server.url).port;
    expect(await failed({ PORT: port })).toEqual({
      code: 1,
      output: `Port ${port} is in use by another program: set PORT to a free one.\n`,
    });
    expect(await failed({ PORT: 'x' })).toMatchObject({ code: 1, output: expect.stringMatching(/PORT: /) });
  });
});

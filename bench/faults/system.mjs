import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer, createClient } from '@regatta/client';
import { startStack } from '../../tools/stack.mjs';
import { freePort } from '../free-port.mjs';

/** Looks until it sees something. A server that is away while it looks is looked for again. */
export async function until(look, seconds = 120) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(100)) {
    const seen = await look().catch(() => null);
    if (seen) return seen;
  }
  throw new Error(`waited ${seconds} s in vain for: ${look}`);
}

/** The whole system, started for a benchmark with faults on demand, and what a benchmark asks of it. */
export async function startSystem({ workers, env = {} }) {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'regatta-bench-'));
  const settings = { DATA_DIR: dataDir, PORT: String(await freePort()), WORKERS: String(workers), CHAOS: '1' };
  const stack = await startStack({ env: { LOG_LEVEL: 'warn', ...settings, ...env } });
  const client = createClient({ baseUrl: stack.url, apiKey: stack.apiKey() });
  const parts = () => JSON.parse(readFileSync(path.join(dataDir, 'lock'), 'utf8')).parts;
  const get = (id) => answer(client.GET('/api/v1/runs/{id}', { params: { path: { id } } }));
  const list = async () => (await answer(client.GET('/api/v1/workers'))).items;
  return {
    dataDir,
    stack,
    get,
    workers: list,
    submit: async (body) =>
      answer(client.POST('/api/v1/runs', { body, headers: { 'idempotency-key': crypto.randomUUID() } })),
    post: (id, what, body) => answer(client.POST(`/api/v1/runs/{id}/${what}`, { params: { path: { id } }, body })),
    chaos: (worker, body) =>
      answer(client.POST('/api/v1/workers/{worker}/chaos', { params: { path: { worker } }, body })),
    /** The whole ledger of a run. */
    events: async (id) => {
      const all = [];
      for (let cursor; cursor !== null; ) {
        const query = { limit: 200, ...(cursor && { cursor }) };
        const page = await answer(client.GET('/api/v1/runs/{id}/events', { params: { path: { id }, query } }));
        all.push(...page.items);
        cursor = page.nextCursor ?? null;
      }
      return all;
    },
    /** The losses of every step and the hash of the weights: what must be the same in two runs. */
    numbers: async (id) => {
      const end = await get(id);
      const query = { names: 'train.loss', maxPoints: 100_000 };
      const { series } = await answer(client.GET('/api/v1/runs/{id}/metrics', { params: { path: { id }, query } }));
      const losses = series[0]?.points.map(({ step, value }) => [step, value]);
      return `${end.status} ${end.weightsSha256} ${JSON.stringify(losses)}`;
    },
    finished: (id, seconds = 600) =>
      until(async () => {
        const now = await get(id);
        return ['completed', 'failed', 'cancelled'].includes(now.status) && now;
      }, seconds),
    idleWorkers: (count) =>
      until(async () => (await list()).filter((worker) => worker.status === 'idle').length >= count),
    /** Every process that the supervisor looks after: [{name, pid}]. */
    parts,
    /** The process of a part (a Redis server, the API), which the supervisor starts again when it dies. */
    part: (name) => parts().find((one) => one.name === name)?.pid,
    /** What a worker that is started by hand must be given. */
    workerEnvironment: () => {
      const { DATABASE_URL: _, ...urls } = JSON.parse(readFileSync(path.join(dataDir, 'stack.json'), 'utf8'));
      return {
        ...env,
        CHAOS: '1',
        DATA_DIR: dataDir,
        REDIS_URL: urls.REDIS_URL,
        GRADIENT_REDIS_URL: urls.GRADIENT_REDIS_URL,
      };
    },
    /** Addresses: {REDIS_URL, GRADIENT_REDIS_URL, DATABASE_URL}. */
    addresses: () => JSON.parse(readFileSync(path.join(dataDir, 'stack.json'), 'utf8')),
    stop: async () => {
      await stack.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

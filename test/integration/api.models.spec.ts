import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bullPrefix, keys, type PredictJob, queueNames } from '@regatta/contracts';
import { openStore } from '@regatta/storage';
import { Worker } from 'bullmq';
import { apiOptions, entry, TestApi } from '../support/api.js';
import { until } from '../support/until.js';

let api: TestApi;
let runId: string;
let model: { id: string; name: string };

const files = {
  'config.json': Buffer.from('{"model_type":"bert"}'),
  'model.safetensors': Buffer.from(Array.from({ length: 3001 }, (_, i) => i % 251)),
  'vocab.txt': Buffer.from('[PAD]\n'),
  'tokenizer.json': Buffer.from('{}'),
  'tokenizer_config.json': Buffer.from('{}'),
  'optimizer.safetensors': Buffer.from('not exported'),
};

beforeAll(async () => {
  api = await TestApi.start();
  runId = await api.run({ name: 'small model' });
  const store = openStore(apiOptions('', '', api.dataDir).artifactsUrl);
  await store.writeCheckpoint(runId, 7, files, {});
  await store.writeCheckpoint(runId, 3, files, {});
  await api.tell(
    entry.checkpoint(runId, 3),
    entry.checkpoint(runId, 7),
    entry.model(runId, 7),
    entry.state(runId, 1, 'completed'),
  );
  model = await until(async () => (await api.call('get', '/models')).body.items[0]);
}, 60_000);
afterAll(() => api.stop());

it('is listed with where it came from, and renamed', async () => {
  const { body } = await api.call('get', `/models/${model.id}`);
  expect(body).toMatchObject({
    name: 'small model',
    runId,
    step: 7,
    parameters: 17,
    dataset: { name: 'words', version: 1 },
  });
  const patched = await api.call('patch', `/models/${model.id}`, { body: { name: 'better', description: 'd' } });
  expect(patched.body).toMatchObject({ name: 'better', description: 'd' });
});

it('is exported as a zip of exactly the Hugging Face files, byte for byte', async () => {
  const answer = await api
    .call('get', `/models/${model.id}/export?format=huggingface`, { as: 'viewer' })
    .buffer(true)
    .parse((response, done) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => done(null, Buffer.concat(chunks)));
    });
  expect(answer.headers).toMatchObject({ 'content-type': 'application/zip' });
  expect(storedEntries(answer.body as Buffer)).toEqual(
    Object.fromEntries(
      Object.entries(files)
        .filter(([name]) => name !== 'optimizer.safetensors')
        .map(([name, bytes]) => [name, bytes.toString('hex')]),
    ),
  );
  expect((await api.call('get', `/models/${model.id}/export?format=onnx`)).status).toBe(422);
});

describe('a prediction', () => {
  const ask = (query = '', body: object = { inputs: ['the [MASK]'] }) =>
    api.call('post', `/models/${model.id}/predict${query}`, { as: 'viewer', body });

  it('is 503 at once where no worker is', async () => {
    const answer = await ask();
    expect(answer).toMatchObject({ status: 503, body: { type: 'urn:regatta:problem:unavailable' } });
    expect(answer.headers['retry-after']).toBeDefined();
  });

  it('is what a predictor answers, and its refusals keep their code', async () => {
    const asked: PredictJob[] = [];
    const predictor = new Worker<PredictJob>(
      queueNames.inference,
      async ({ data }) => {
        asked.push(data);
        if (data.step === 3) throw new Error(JSON.stringify({ code: 'invalid', message: 'no [MASK] in it' }));
        return { results: [[[{ token: 'cat', score: 0.5 }]]] };
      },
      { connection: { url: api.redisServer.url }, prefix: bullPrefix },
    );
    const [seconds] = await api.redis.time();
    const alive = {
      id: 'w',
      host: 'h',
      pid: 1,
      status: 'idle',
      fingerprint: 'f',
      threads: 1,
      memoryBytes: 1,
      runId: null,
      rank: null,
    };
    const beat = {
      ...alive,
      generation: null,
      startedAt: new Date().toISOString(),
      beat: (Number(seconds) + 3600) * 1000,
    };
    await api.redis.hset(keys.workers, 'w', JSON.stringify(beat));
    try {
      expect(await ask()).toMatchObject({ status: 200, body: { results: [[[{ token: 'cat', score: 0.5 }]]] } });
      expect(asked[0]).toEqual({ modelId: model.id, runId, step: 7, body: { inputs: ['the [MASK]'], topK: 5 } });
      expect(await ask('?checkpoint=3')).toMatchObject({ status: 422, body: { detail: 'no [MASK] in it' } });
      expect((await ask('?checkpoint=5')).status).toBe(404);
    } finally {
      await predictor.close();
    }
  });

  it('that is not valid never reaches a worker', async () => {
    expect((await ask('', { inputs: [] })).status).toBe(422);
    const typo = await ask('', { inputs: ['x'], topk: 3 });
    expect(typo.body.errors).toEqual([{ path: 'topk', message: 'is not a known field; did you mean topK?' }]);
  });
});

it('protects its checkpoint and its run until it is deleted', async () => {
  const status = async (path: string) => (await api.call('delete', path)).status;
  expect(await status(`/runs/${runId}/checkpoints/7`)).toBe(409);
  expect(await status(`/runs/${runId}/checkpoints/3`)).toBe(204);
  expect(await status(`/runs/${runId}`)).toBe(409);
  expect(await status(`/models/${model.id}`)).toBe(204);
  expect(await status(`/runs/${runId}`)).toBe(204);
  expect(await openStore(apiOptions('', '', api.dataDir).artifactsUrl).listCheckpoints(runId)).toEqual([]);
});

/** Name → contents (hex) of a zip whose entries are stored: read from its central directory (APPNOTE 4.3.12). */
function storedEntries(zip: Buffer): Record<string, string> {
  const entries: Record<string, string> = {};
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06'));
  let at = zip.readUInt32LE(end + 16);
  for (let i = 0; i < zip.readUInt16LE(end + 10); i++) {
    const size = zip.readUInt32LE(at + 20);
    const [name, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    entries[zip.toString('utf8', at + 46, at + 46 + name)] = zip.toString('hex', start, start + size);
    at += 46 + name + extra + comment;
  }
  return entries;
}

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type InferenceJob, keys, type ModelKind, newId } from '@regatta/contracts';
import { bertPretrainingParameters, numbersIn } from '@regatta/models/shapes';
import { entry, TestApi } from '../support/api.js';
import { folderOf, tinyHead, tinyPretraining, tinySizes } from '../support/hugging-face.js';
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
  'state.json': Buffer.from('{"not": "exported"}'),
};

beforeAll(async () => {
  api = await TestApi.start();
  runId = await api.run({ name: 'small model' });
  const { store } = api;
  await store.writeCheckpoint(runId, 7, files, {});
  await store.writeCheckpoint(runId, 3, files, {});
  await api.tell(
    entry.checkpoint(runId, 3),
    entry.checkpoint(runId, 7),
    entry.model(runId, 7),
    entry.state(runId, 1, 'completed'),
  );
  model = await until(async () => (await api.call('get', '/models')).body.items[0]);
});
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
  const patch = { name: 'better', description: 'd', stage: 'production' };
  expect((await api.call('patch', `/models/${model.id}`, { body: patch })).body).toMatchObject(patch);
  expect((await api.call('patch', `/models/${model.id}`, { body: { stage: 'stolen' } })).status).toBe(422);
});

const download = (path: string) =>
  api
    .call('get', path, { as: 'viewer' })
    .buffer(true)
    .parse((response, done) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => done(null, Buffer.concat(chunks)));
    });

it('is exported as a zip of exactly the Hugging Face files, byte for byte', async () => {
  const answer = await download(`/models/${model.id}/export?format=huggingface`);
  expect(answer.headers).toMatchObject({ 'content-type': 'application/zip' });
  expect(storedEntries(answer.body as Buffer)).toEqual(
    Object.fromEntries(
      Object.entries(files)
        .filter(([name]) => name !== 'optimizer.safetensors' && name !== 'state.json')
        .map(([name, bytes]) => [name, bytes.toString('hex')]),
    ),
  );
  expect((await api.call('get', `/models/${model.id}/export?format=pickle`)).status).toBe(422);
});

it('is exported as the ONNX files that a predictor makes', async () => {
  expect((await api.call('get', `/models/${model.id}/export?format=onnx`)).status).toBe(503);
  const { sha256 } = await api.store.putBlob(Buffer.from('graph'));
  const asked: InferenceJob[] = [];
  const predictor = api.predictor((job) => {
    asked.push(job);
    return { files: [{ name: 'model.onnx', blob: sha256 }] };
  });
  await api.beat();
  try {
    const answer = await download(`/models/${model.id}/export?format=onnx`);
    expect(answer.headers).toMatchObject({ 'content-disposition': 'attachment; filename=better.zip' });
    const hex = (bytes: Buffer) => bytes.toString('hex');
    const beside = Object.entries(files).filter(([name]) => !name.endsWith('.safetensors') && name !== 'state.json');
    expect(storedEntries(answer.body as Buffer)).toEqual({
      'model.onnx': hex(Buffer.from('graph')),
      ...Object.fromEntries(beside.map(([name, bytes]) => [name, hex(bytes)])),
    });
    expect(asked).toEqual([{ action: 'onnx', modelId: model.id, owner: runId, step: 7 }]);
  } finally {
    await predictor.close();
    await api.redis.del(keys.workers);
  }
});

describe('a prediction', () => {
  const ask = (query = '', body: object = { inputs: ['the [MASK]'] }) =>
    api.call('post', `/models/${model.id}/predict${query}`, { as: 'viewer', body });

  it('is 503 at once where no worker is', async () => {
    const answer = await ask();
    expect(answer).toMatchObject({ status: 503, body: { type: 'urn:regatta:problem:unavailable' } });
    expect(answer.headers['retry-after']).toBeDefined();
  });

  it('is what a predictor answers, and its refusals keep their code and fields', async () => {
    const asked: InferenceJob[] = [];
    const errors = [{ path: 'inputs.0', message: 'has no [MASK]' }];
    const predictor = api.predictor((job) => {
      asked.push(job);
      if (job.step === 3) throw new Error(JSON.stringify({ code: 'invalid', message: 'no [MASK] in it', errors }));
      return { results: [[[{ token: 'cat', score: 0.5 }]]] };
    });
    await api.beat();
    try {
      expect(await ask()).toMatchObject({ status: 200, body: { results: [[[{ token: 'cat', score: 0.5 }]]] } });
      const body = { inputs: ['the [MASK]'], topK: 5, returnAttention: false };
      expect(asked[0]).toEqual({ action: 'predict', modelId: model.id, owner: runId, step: 7, body });
      expect(await ask('?checkpoint=3')).toMatchObject({ status: 422, body: { detail: 'no [MASK] in it', errors } });
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

describe('a model of another kind', () => {
  const kinds: [ModelKind, object, object][] = [
    [
      'sequence-classification',
      { inputs: ['a', { text: 'a', textPair: 'b' }], topK: 1 },
      { pairs: [{ text: 'a', textPair: 'b' }] },
    ],
    ['regression', { inputs: ['a'] }, { inputs: ['a'], topK: 1 }],
    ['token-classification', { inputs: ['a'] }, { inputs: [{ text: 'a' }] }],
    ['question-answering', { question: 'q', context: 'c' }, { inputs: ['the [MASK]'] }],
    ['translation', { inputs: ['a'], beamSize: 2 }, { inputIds: [[1]] }],
  ];
  const made = new Map<string, string>();
  let predictor: ReturnType<TestApi['predictor']>;
  const asked: InferenceJob[] = [];
  beforeAll(async () => {
    const { body } = await api.import('any', folderOf(tinyHead({ kind: 'question-answering' })));
    for (const [kind] of kinds) {
      const id = newId();
      const row = await api.rows.model.findUniqueOrThrow({ where: { id: body.id } });
      await api.rows.model.create({ data: { ...row, id, kind, config: {}, metrics: {} } });
      made.set(kind, id);
    }
    predictor = api.predictor((job) => {
      asked.push(job);
      return { results: [] };
    });
    await api.beat();
  });
  afterAll(async () => {
    await predictor.close();
    await api.redis.del(keys.workers);
  });

  it.each(kinds)('%s is asked its own way, and says so when asked another', async (kind, right, other) => {
    const ask = (body: object) => api.call('post', `/models/${made.get(kind)}/predict`, { as: 'viewer', body });
    const first = asked.length;
    expect((await ask(right)).status).toBe(200);
    expect(asked[first]).toMatchObject({ action: 'predict', owner: made.get(kind), step: 0, body: right });
    const wrong = await ask(other);
    expect(wrong).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining(`A model of the kind ${kind} takes {`) },
    });
    expect(wrong.body.errors.length).toBeGreaterThan(0);
    expect(asked).toHaveLength(first + 1);
    expect((await api.call('post', `/models/${made.get(kind)}/predict`)).status).toBe(400);
    expect((await api.call('post', `/models/${made.get(kind)}/predict?checkpoint=1`, { body: right })).status).toBe(
      404,
    );
  });

  it('is embedded', async () => {
    const path = `/models/${made.get('regression')}/embed`;
    expect((await api.call('post', path, { as: 'viewer', body: { inputs: ['a'] } })).status).toBe(200);
    expect(asked.at(-1)).toMatchObject({ action: 'embed', body: { inputs: ['a'] } });
    expect((await api.call('post', path, { body: { inputs: [], topK: 1 } })).status).toBe(422);
  });

  it('is measured on data of its kind alone', async () => {
    await api.dataset('scores', 'regression');
    const path = `/models/${made.get('regression')}/evaluate`;
    expect((await api.call('post', path, { as: 'viewer', body: { dataset: 'scores' } })).status).toBe(403);
    expect((await api.call('post', path, { body: { dataset: 'scores', split: 'test' } })).status).toBe(200);
    const dataset = { sha256: 'ab'.repeat(32), kind: 'regression' };
    expect(asked.at(-1)).toMatchObject({ action: 'evaluate', dataset, split: 'test' });
    const wrong = await api.call('post', path, { body: { dataset: 'words' } });
    const message = 'is of the kind text; a model for regression is measured on regression';
    expect(wrong).toMatchObject({ status: 422, body: { errors: [{ path: 'dataset', message }] } });
    expect((await api.call('post', path, { body: { dataset: 'nothing' } })).status).toBe(422);
  });

  it('has no Hugging Face folder where transformers has no such model', async () => {
    const answer = await api.call('get', `/models/${made.get('translation')}/export`);
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: 'format' }] } });
  });
});

describe('a checkpoint', () => {
  it('becomes a model once, beside that of its run, and outlives the checkpoint', async () => {
    const path = `/runs/${runId}/checkpoints/5/promote`;
    const bert = folderOf(tinyPretraining());
    await api.store.writeCheckpoint(runId, 5, { ...files, ...bert }, {});
    await api.tell(entry.checkpoint(runId, 5));
    const first = await until(async () => {
      const answer = await api.call('post', path);
      return answer.status === 404 ? undefined : answer;
    });
    expect(first).toMatchObject({ status: 201, headers: { location: `/api/v1/models/${first.body.id}` } });
    const parameters = numbersIn(bertPretrainingParameters(tinySizes));
    const origin = {
      runId,
      step: 5,
      kind: 'pretraining',
      task: 'bert-pretrain',
      dataset: { name: 'words' },
      parameters,
    };
    expect(first.body).toMatchObject({ name: 'small model at step 5', ...origin });
    expect(await api.call('post', path)).toMatchObject({ status: 200, body: first.body });
    expect((await api.call('get', `/runs/${runId}`)).body.model).toBe(model.id);
    expect((await api.call('delete', `/runs/${runId}/checkpoints/5`)).status).toBe(204);
    const zip = storedEntries((await download(`/models/${first.body.id}/export`)).body as Buffer);
    expect(zip['model.safetensors']).toBe(bert['model.safetensors'].toString('hex'));
    const asked = await api.call('post', `/models/${first.body.id}/predict`, { body: { inputs: ['[MASK]'] } });
    expect(asked.status).toBe(503);
    expect((await api.call('delete', `/models/${first.body.id}`)).status).toBe(204);
    expect(await api.store.listCheckpoints(first.body.id)).toEqual([]);
    expect((await api.call('post', path)).status).toBe(404);
    const own = await api.call('post', `/runs/${runId}/checkpoints/7/promote`);
    expect(own).toMatchObject({ status: 200, body: { id: model.id } });
  });
});

it('protects its checkpoint and its run until it is deleted', async () => {
  const status = async (path: string) => (await api.call('delete', path)).status;
  expect(await status(`/runs/${runId}/checkpoints/7`)).toBe(409);
  expect(await status(`/runs/${runId}/checkpoints/3`)).toBe(204);
  expect(await status(`/runs/${runId}`)).toBe(409);
  expect(await status(`/models/${model.id}`)).toBe(204);
  expect(await status(`/runs/${runId}`)).toBe(204);
  expect(await api.store.listCheckpoints(runId)).toEqual([]);
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

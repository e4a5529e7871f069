import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { keys } from '@regatta/contracts';
import { entry, TestApi } from '../support/api.js';
import { folderOf, tinyEncoder, tinyPretraining } from '../support/hugging-face.js';
import { until } from '../support/until.js';

let api: TestApi;
let base: { id: string; weightsSha256: string };
beforeAll(async () => {
  api = await TestApi.start();
  const labels = ['a', 'b', 'c'].map((label) => ({ label, count: 1 }));
  await api.dataset('words', 'text');
  await api.dataset('sorts', 'classification', { labels });
  await api.dataset('pairs', 'pair-classification', { labels });
  await api.dataset('scores', 'regression');
  await api.dataset('tags', 'tagging', { labels });
  await api.dataset('questions', 'question-answering');
  await api.dataset('lines', 'translation');
  base = (await api.import('base', folderOf(tinyPretraining()))).body;
});
afterAll(() => api.stop());

const post = (body: object, query = '') => api.call('post', `/runs${query}`, { body });
const spec = async (id: string) => JSON.parse((await api.redis.get(keys.spec(id))) as string);
const finetune = (dataset: string, model: object = {}, over: object = {}) => ({
  task: 'bert-finetune',
  dataset,
  model,
  ...over,
});
const short = { training: { maxLength: 8 } };

describe('a run of each task', () => {
  it.each([
    ['sorts', 'sequence-classification'],
    ['pairs', 'sequence-classification'],
    ['scores', 'sequence-classification'],
    ['tags', 'token-classification'],
    ['questions', 'question-answering'],
  ])('fine-tunes the head that the data asks for: %s', async (dataset, head) => {
    const { status, body } = await post(finetune(dataset));
    expect(status).toBe(201);
    expect(body).toMatchObject({ config: { model: { head, preset: 'bert-tiny', hiddenSize: 128 } }, base: null });
    expect(await spec(body.id)).toMatchObject({ base: null, dataset: { name: dataset }, config: { model: { head } } });
  });

  it('starts from an imported model, by its name or id', async () => {
    for (const reference of ['base', base.id]) {
      const { status, body } = await post(
        finetune('sorts', { base: reference, freeze: ['embeddings', 'encoder.1'] }, short),
      );
      expect({ status, body }).toMatchObject({ status: 201, body: { base: { id: base.id, name: 'base' } } });
      const told = (await spec(body.id)) as { base: object; dataset: object };
      const { weightsSha256 } = base;
      expect(told.base).toEqual({ modelId: base.id, name: 'base', owner: base.id, step: 0, weightsSha256 });
      expect(told.dataset).toMatchObject({ kind: 'classification' });
      await api.call('post', `/runs/${body.id}/cancel`);
    }
  });

  it('starts from the newest model of a name', async () => {
    await api.import('twice', folderOf(tinyPretraining()));
    const newer = (await api.import('twice', folderOf(tinyEncoder()))).body;
    expect((await post(finetune('tags', { base: 'twice' }, short))).body.base.id).toBe(newer.id);
  });

  it('translates', async () => {
    const { status, body } = await post({
      task: 'translate',
      dataset: 'lines',
      model: { architecture: 'seq2seq-gru' },
    });
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { name: 'seq2seq-gru on lines', dataset: { name: 'lines' } },
    });
    expect(await spec(body.id)).toMatchObject({ dataset: { kind: 'translation' }, base: null });
  });

  it('needs no data for a lab', async () => {
    const { status, body } = await post({ task: 'attention-lab' });
    expect({ status, body }).toMatchObject({ status: 201, body: { dataset: null, progress: { maxSteps: 5 } } });
    expect(await spec(body.id)).toMatchObject({ dataset: null, base: null });
    expect((await api.call('get', '/runs?task=attention-lab')).body.items).toHaveLength(1);
  });
});

describe('a dry run', () => {
  // V 13, D 6, P 9, I 7, L 2: BertModel without its pooler, and an output layer.
  const layer = 4 * 42 + 12 + (42 + 7) + (42 + 6) + 12;
  const encoder = (13 + 9 + 2 + 2) * 6 + 2 * layer;

  it.each<[string, object, number]>([
    ['a tagger on a base', finetune('tags', { base: 'base' }, short), encoder + 3 * 7],
    ['a reader on a base', finetune('questions', { base: 'base' }, short), encoder + 2 * 7],
    ['a classifier on a base', finetune('sorts', { base: 'base' }, short), encoder + 42 + 3 * 7],
    ['a regression on a base', finetune('scores', { base: 'base' }, short), encoder + 42 + 7],
    ['a lab', { task: 'attention-lab' }, 1],
  ])('counts %s', async (_what, body, parameters) => {
    const { status, body: answer } = await post(body, '?dryRun=true');
    expect({ status, answer }).toMatchObject({ status: 200, answer: { valid: true, estimates: { parameters } } });
    expect(answer.estimates.memoryBytes).toBeGreaterThan(16 * parameters);
  });

  it('judges the speed by runs of the same task', async () => {
    const body = { task: 'translate', dataset: 'lines', training: { maxSteps: 10 } };
    expect((await post(body, '?dryRun=true')).body.estimates.secondsPerStep).toBeNull();
    const { id } = (await post(body)).body;
    await api.rows.run.update({ where: { id }, data: { secondsPerStep: 0.25 } });
    expect((await post(body, '?dryRun=true')).body.estimates).toMatchObject({ secondsPerStep: 0.25, seconds: 2.5 });
    expect((await post(finetune('tags'), '?dryRun=true')).body.estimates.secondsPerStep).toBeNull();
  });
});

describe('a run whose parts do not fit', () => {
  const pretrain = (over: object) => ({ task: 'bert-pretrain', dataset: 'words', ...over });
  const translate = (over: object) => ({ task: 'translate', dataset: 'lines', ...over });
  const lab = (over: object) => ({ task: 'attention-lab', ...over });

  it.each<[string, object, string, RegExp]>([
    [
      'pretraining on labels',
      pretrain({ dataset: 'sorts' }),
      'dataset',
      /kind classification; bert-pretrain takes text/,
    ],
    ['pretraining without data', { task: 'bert-pretrain' }, 'dataset', /expected string/],
    [
      'pretraining a translator',
      pretrain({ model: { architecture: 'transformer' } }),
      'model.architecture',
      /not a known field/,
    ],
    [
      'fine-tuning on text',
      finetune('words'),
      'dataset',
      /kind text; bert-finetune takes classification, pair-classification, regression/,
    ],
    ['fine-tuning on translations', finetune('lines'), 'dataset', /kind translation/],
    [
      'a tagger on questions',
      finetune('questions', { head: 'token-classification' }),
      'model.head',
      /must be question-answering/,
    ],
    ['a head that is none', finetune('sorts', { head: 'fill-mask' }), 'model.head', /sequence-classification/],
    [
      'a base that is not there',
      finetune('sorts', { base: 'nobody' }),
      'model.base',
      /no model of the id or name "nobody"/,
    ],
    [
      'a base with sizes of its own',
      finetune('sorts', { base: 'base', hiddenSize: 8 }),
      'model.hiddenSize',
      /given by the base/,
    ],
    [
      'more tokens than the base has positions',
      finetune('sorts', { base: 'base' }),
      'training.maxLength',
      /9 positions of the base/,
    ],
    [
      'freezing a layer that the base lacks',
      finetune('sorts', { base: 'base', freeze: ['encoder.0', 'encoder.2'] }, short),
      'model.freeze.1',
      /encoder.0 to encoder.1/,
    ],
    [
      'freezing a layer that the model lacks',
      finetune('sorts', { freeze: ['encoder.2'] }),
      'model.freeze.0',
      /one of the 2 layers/,
    ],
    ['freezing what has no name', finetune('sorts', { freeze: ['head'] }), 'model.freeze.0', /embeddings, encoder/],
    [
      'stopping by what is not measured',
      finetune('sorts', {}, { training: { earlyStopping: { metric: 'train.loss' } } }),
      'training.earlyStopping.metric',
      /validation/,
    ],
    ['translating text', translate({ dataset: 'words' }), 'dataset', /kind text; translate takes translation/],
    [
      'heads in a GRU',
      translate({ model: { architecture: 'seq2seq-gru', numAttentionHeads: 2 } }),
      'model.numAttentionHeads',
      /means nothing for seq2seq-gru/,
    ],
    [
      'heads that do not divide',
      translate({ model: { numAttentionHeads: 3 } }),
      'model.hiddenSize',
      /multiple of numAttentionHeads/,
    ],
    ['a tokenizer that is none', translate({ tokenizer: { type: 'syllables' } }), 'tokenizer.type', /wordpiece/],
    ['masks in a translation', translate({ pretraining: {} }), 'pretraining', /not a known field/],
    ['a lab with data', lab({ dataset: 'words' }), 'dataset', /needs no dataset/],
    ['a lab on two workers', lab({ distributed: { maxWorkers: 2 } }), 'distributed.maxWorkers', /must be 1/],
    ['a lab with an optimizer', lab({ optimizer: {} }), 'optimizer', /not a known field/],
    ['an experiment that is none', lab({ lab: { experiment: 'dance' } }), 'lab.experiment', /nadaraya-watson/],
  ])('%s: 422 naming the field', async (_what, sent, path, message) => {
    for (const query of ['', '?dryRun=true']) {
      const answer = await post(sent, query);
      expect({ status: answer.status, said: answer.text }).toMatchObject({ status: 422 });
      const errors: { path: string; message: string }[] = answer.body.errors;
      expect(errors.map((error) => error.path)).toContain(path);
      expect(errors.find((error) => error.path === path)?.message).toMatch(message);
    }
  });

  it('a base that translates, or whose weights are gone', async () => {
    const id = await api.run();
    await api.tell(entry.checkpoint(id, 3), entry.model(id, 3));
    const model = await until(async () => api.rows.model.findFirst({ where: { runId: id } }));
    const gone = await post(finetune('sorts', { base: model.id }));
    expect(gone.body.errors).toEqual([{ path: 'model.base', message: expect.stringMatching(/BERT|gone/) }]);
    const config = { model_type: 'regatta-translation' };
    await api.rows.model.update({ where: { id: model.id }, data: { kind: 'translation', config } });
    const other = await post(finetune('sorts', { base: model.id }));
    expect(other.body.errors).toEqual([
      { path: 'model.base', message: expect.stringMatching(/no BERT but a model for translation/) },
    ]);
  });
});

describe('a finished run', () => {
  const finished = async (body: object) => {
    const { id } = (await post(body)).body;
    await api.tell(entry.state(id, 9, 'failed', { error: { code: 'internal', message: 'for the test' } }));
    await until(async () => (await api.call('get', `/runs/${id}`)).body.status === 'failed');
    return id as string;
  };

  it('is tried again with its configuration, version of the data and base', async () => {
    const body = finetune('sorts', { base: 'base' }, { ...short, name: 'first try', seed: 7, project: 'retries' });
    const id = await finished(body);
    await api.rows.dataset.create({
      data: {
        ...(await api.rows.dataset.findFirstOrThrow({ where: { name: 'sorts' } })),
        id: base.id,
        version: 2,
        kind: 'text',
        summary: {},
        options: {},
        warnings: [],
      },
    });
    const again = await api.call('post', `/runs/${id}/retry`, { headers: { 'idempotency-key': 'retry' } });
    expect(again).toMatchObject({ status: 201, headers: { location: `/api/v1/runs/${again.body.id}` } });
    expect(again.body).toMatchObject({
      name: 'first try',
      status: 'queued',
      project: 'retries',
      dataset: { version: 1 },
      base: { id: base.id },
    });
    expect(again.body.id).not.toBe(id);
    const config = async (run: string) => (await api.call('get', `/runs/${run}/config`, { as: 'viewer' })).body;
    expect(await config(again.body.id)).toEqual(await config(id));
    expect(await config(id)).toMatchObject({ seed: 7, model: { head: 'sequence-classification' } });
    const repeated = await api.call('post', `/runs/${id}/retry`, { headers: { 'idempotency-key': 'retry' } });
    expect(repeated.body.id).toBe(again.body.id);
    expect((await api.call('post', `/runs/${again.body.id}/retry`)).status).toBe(409);
    await api.rows.dataset.deleteMany({ where: { name: 'sorts', version: 2 } });
  });

  it('can be queued again from its configuration', async () => {
    const { id } = (await post({ task: 'translate', dataset: 'lines' })).body;
    const config = (await api.call('get', `/runs/${id}/config`)).body;
    expect((await post(config, '?dryRun=true')).status).toBe(200);
  });

  it('keeps its base until it has finished', async () => {
    const used = (await api.import('used', folderOf(tinyPretraining()))).body;
    const { id } = (await post(finetune('sorts', { base: used.id }, short))).body;
    expect((await api.call('delete', `/models/${used.id}`)).status).toBe(409);
    await api.tell(entry.state(id, 9, 'cancelled'));
    await until(async () => (await api.call('get', `/runs/${id}`)).body.status === 'cancelled');
    expect((await api.call('delete', `/models/${used.id}`)).status).toBe(204);
    expect((await api.call('get', `/runs/${id}`)).body.base).toBeNull();
    const again = await api.call('post', `/runs/${id}/retry`);
    expect(again).toMatchObject({ status: 422, body: { errors: [{ path: 'model.base' }] } });
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bertParameters, bertPretrainingParameters, numbersIn } from '@regatta/models/shapes';
import { decodeSafetensors } from '@regatta/storage';
import { TestApi } from '../support/api.js';
import {
  folderOf,
  type TinyBert,
  tinyEncoder,
  tinyHead,
  tinyPretraining,
  tinySizes,
  tinyVocab,
} from '../support/hugging-face.js';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api.stop());

const stored = async (id: string) => (await api.store.readCheckpoint(id, 0)).files;

describe('an imported BERT', () => {
  it('is a model with its weights as checkpoint 0', async () => {
    const bert = tinyPretraining();
    const answer = await api.import('tiny', folderOf(bert));
    expect(answer.status).toBe(201);
    expect(answer.headers.location).toBe(`/api/v1/models/${answer.body.id}`);
    const parameters = numbersIn(bertPretrainingParameters(tinySizes));
    const from = { task: null, runId: null, dataset: null, base: null, step: 0, stage: 'none' };
    expect(answer.body).toMatchObject({ name: 'tiny', kind: 'pretraining', parameters, ...from });
    const files = await stored(answer.body.id);
    expect(decodeSafetensors(files['model.safetensors'])).toEqual(bert.tensors);
    expect(files['vocab.txt'].toString()).toBe(`${tinyVocab.join('\n')}\n`);
    expect(JSON.parse(files['tokenizer.json'].toString()).model.vocab['[MASK]']).toBe(4);
    const zip = await api.call('get', `/models/${answer.body.id}/export`, { as: 'viewer' });
    expect(zip).toMatchObject({ status: 200, headers: { 'content-type': 'application/zip' } });
    expect((await api.call('get', `/models/${answer.body.id}`)).body).toEqual(answer.body);
  });

  it('of an older transformers is read with its quirks, to the same weights', async () => {
    const bert = tinyPretraining();
    const old = new Map(
      [...bert.tensors].map(([name, tensor]) => [
        name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta'),
        tensor,
      ]),
    );
    const bias = bert.tensors.get('cls.predictions.bias');
    const words = bert.tensors.get('bert.embeddings.word_embeddings.weight');
    if (bias) old.set('cls.predictions.decoder.bias', bias);
    if (words) old.set('cls.predictions.decoder.weight', words);
    old.set('bert.embeddings.position_ids', { shape: [1, 9], data: Float32Array.from({ length: 9 }, (_, i) => i) });
    const { model_type: _, ...config } = bert.config;
    const files = folderOf({ config, tensors: old });
    const { body } = await api.import('old', files);
    expect(decodeSafetensors((await stored(body.id))['model.safetensors'])).toEqual(bert.tensors);
    expect(body.config.model_type).toBe('bert');
  });

  it('may be an encoder alone, with names that lack the prefix and no pooler', async () => {
    const bert = tinyEncoder();
    const bare = [...bert.tensors].filter(([name]) => !name.includes('pooler'));
    const tensors = new Map(bare.map(([name, tensor]) => [name.replace('bert.', ''), tensor]));
    const { body } = await api.import('encoder', folderOf({ ...bert, tensors }));
    expect(body).toMatchObject({ kind: null, parameters: numbersIn(bertParameters(tinySizes)) - 42 });
    expect(decodeSafetensors((await stored(body.id))['model.safetensors'])).toEqual(new Map(bare));
    const asked = await api.call('post', `/models/${body.id}/predict`, { body: { inputs: ['x'] } });
    expect(asked).toMatchObject({ status: 422, body: { detail: expect.stringMatching(/without a head.*\/embed/) } });
  });

  it.each<[string, TinyBert, object]>([
    [
      'classifier',
      tinyHead({ kind: 'sequence-classification', labels: 3 }, ['a', 'b', 'c']),
      { kind: 'sequence-classification' },
    ],
    ['tagger', tinyHead({ kind: 'token-classification', labels: 2 }, ['O', 'X']), { kind: 'token-classification' }],
    ['reader', tinyHead({ kind: 'question-answering' }), { kind: 'question-answering' }],
    ['regression', tinyHead({ kind: 'regression' }), { kind: 'regression' }],
  ])('may be a %s', async (name, bert, expected) => {
    expect((await api.import(name, folderOf(bert))).body).toMatchObject({ name, ...expected });
  });

  it('has one output: then it is a regression, though config.json does not say so', async () => {
    const bert = tinyHead({ kind: 'regression' });
    const { problem_type: _, ...config } = bert.config;
    const { body } = await api.import('quiet', folderOf({ ...bert, config }));
    expect(body).toMatchObject({ kind: 'regression', config: { problem_type: 'regression' } });
  });

  it('takes its vocabulary from tokenizer.json where there is no vocab.txt', async () => {
    const { 'vocab.txt': _, 'tokenizer_config.json': __, ...files } = folderOf(tinyPretraining());
    const vocab = Object.fromEntries(tinyVocab.map((token, id) => [token, id]).reverse());
    const normalizer = { type: 'BertNormalizer', lowercase: false, strip_accents: null };
    const json = { normalizer, model: { type: 'WordPiece', vocab } };
    const { body } = await api.import('json', { ...files, 'tokenizer.json': Buffer.from(JSON.stringify(json)) });
    const kept = await stored(body.id);
    expect(kept['vocab.txt'].toString().split('\n').slice(0, 6)).toEqual(tinyVocab.slice(0, 6));
    expect(JSON.parse(kept['tokenizer_config.json'].toString()).do_lower_case).toBe(false);
  });

  it('is made once for an Idempotency-Key, and other files are not the same request', async () => {
    const files = folderOf(tinyPretraining());
    const key = { 'idempotency-key': 'import' };
    const [first, again] = [await api.import('once', files, key), await api.import('once', files, key)];
    expect(again.body).toEqual(first.body);
    expect((await api.import('once', { ...files, 'config.json': Buffer.from('{}') }, key)).status).toBe(422);
  });

  it('goes with its weights', async () => {
    const { body } = await api.import('gone', folderOf(tinyPretraining()));
    expect((await api.call('delete', `/models/${body.id}`)).status).toBe(204);
    expect(await api.store.listCheckpoints(body.id)).toEqual([]);
  });
});

describe('a folder that is broken', () => {
  it('is 422 naming the file, and leaves no model', async () => {
    const { 'vocab.txt': _, ...files } = folderOf(tinyPretraining());
    const message = 'is missing, and tokenizer.json too';
    const answer = await api.import('broken', files);
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: 'vocab.txt', message }] } });
    expect(await api.rows.model.count({ where: { name: 'broken' } })).toBe(0);
  });

  it('of another media type, without a name, with a file twice or a part that is none', async () => {
    const post = () => api.call('post', '/models/import');
    expect((await post().send({ name: 'x' })).status).toBe(415);
    expect((await post()).status).toBe(415);
    const nameless = await post().attach('file', Buffer.from('{}'), 'config.json');
    expect(nameless).toMatchObject({ status: 422, body: { errors: [{ path: 'name' }] } });
    const twice = await api
      .import('x', {})
      .attach('file', Buffer.from('{}'), 'config.json')
      .attach('file', Buffer.from('{}'), 'sub/config.json');
    expect(twice).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'config.json', message: 'is given twice' }] },
    });
    const odd = await api.import('x', {}).attach('folder', Buffer.from('{}'), 'config.json');
    expect(odd).toMatchObject({ status: 422, body: { errors: [{ path: 'folder' }] } });
  });

  it('leaves nothing behind', async () => {
    await expect(import('node:fs/promises').then(({ readdir }) => readdir(`${api.dataDir}/uploads`))).resolves.toEqual(
      [],
    );
  });
});

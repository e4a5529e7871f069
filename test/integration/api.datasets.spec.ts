import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openStore } from '@regatta/storage';
import { parseTextDocuments } from '@regatta/text';
import request from 'supertest';
import { apiOptions, TestApi } from '../support/api.js';
import { until } from '../support/until.js';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
}, 60_000);
afterAll(() => api.stop());

const text = 'The cat sat.\nIt slept.\n\nA dog barked.\nIt was loud.\n';
const upload = (name: string, content: string | Buffer, fileName = 'words.txt') =>
  api
    .call('post', '/datasets')
    .field('name', name)
    .field('kind', 'text')
    .attach('file', Buffer.from(content), fileName);

describe('an upload', () => {
  it('becomes a dataset whose blob is the normalised text', async () => {
    const made = await upload('cats', `\ufeff${text.replaceAll('\n', '\r\n')}`);
    expect(made).toMatchObject({ status: 201, headers: { location: `/api/v1/datasets/${made.body.id}` } });
    expect(made.body).toMatchObject({
      name: 'cats',
      version: 1,
      documents: 2,
      sentences: 4,
      words: 11,
      builtIn: false,
      warnings: [],
    });
    const store = openStore(apiOptions('', '', api.dataDir).artifactsUrl);
    expect((await store.getBlob(made.body.sha256)).toString()).toBe(text);
    const preview = await api.call('get', `/datasets/${made.body.id}/preview`);
    expect(preview.body.documents).toEqual(parseTextDocuments(text));
  });

  it('of the same bytes is the same version, of others the next', async () => {
    const first = await upload('versions', text);
    const again = await upload('versions', text);
    expect(again).toMatchObject({ status: 200, body: first.body });
    const next = await upload('versions', `${text}One more.\n`);
    expect(next).toMatchObject({ status: 201, body: { version: 2 } });
    const run = (dataset: string) => api.call('post', '/runs', { body: { task: 'bert-pretrain', dataset } });
    for (const [reference, id] of [
      ['versions', next.body.id],
      ['versions@1', first.body.id],
      [first.body.id, first.body.id],
    ])
      expect((await run(reference)).body.dataset.id).toBe(id);
  });

  it('takes its parts in any order', async () => {
    const made = await api
      .call('post', '/datasets')
      .attach('file', Buffer.from(text), 'a.txt')
      .field('name', 'late name');
    expect(made).toMatchObject({ status: 201, body: { name: 'late name' } });
  });

  it('with an Idempotency-Key gets the first answer again', async () => {
    const post = (content: string) => upload('keyed', content).set('idempotency-key', 'upload-1');
    const first = await post(text);
    expect(await post(text)).toMatchObject({
      status: 201,
      body: first.body,
      headers: { 'idempotent-replayed': 'true' },
    });
    expect((await post('Something else.\n')).status).toBe(422);
  });

  it.each<[string, () => request.Test, number, string | undefined]>([
    ['an empty file', () => upload('bad', ''), 422, 'file'],
    ['blank lines', () => upload('bad', '\n\n  \n'), 422, 'file'],
    ['NUL bytes', () => upload('bad', 'a b c\0d\n'.repeat(50)), 422, 'file'],
    [
      'a binary file',
      () => upload('bad', Buffer.from(Array.from({ length: 9999 }, (_, i) => (i * 7919) % 256))),
      422,
      'file',
    ],
    ['a reserved name', () => upload('brown', text), 422, 'name'],
    ['an empty name', () => upload(' ', text), 422, 'name'],
    ['NUL in a name', () => upload('a\0b', text), 422, 'name'],
    [
      'another kind',
      () =>
        api.call('post', '/datasets').field('name', 'x').field('kind', 'images').attach('file', Buffer.from(text), 'f'),
      422,
      'kind',
    ],
    ['an unknown field', () => upload('x', text).field('nmae', 'y'), 422, 'nmae'],
    ['no file', () => api.call('post', '/datasets').field('name', 'x'), 422, 'file'],
    ['two files', () => upload('x', text).attach('file', Buffer.from(text), 'g'), 422, 'file'],
    [
      'a file under another name',
      () => api.call('post', '/datasets').field('name', 'x').attach('fiel', Buffer.from(text), 'f'),
      422,
      'fiel',
    ],
    ['JSON', () => api.call('post', '/datasets', { body: { name: 'x' } }), 415, undefined],
    ['no body', () => api.call('post', '/datasets'), 415, undefined],
    [
      'no boundary',
      () => api.call('post', '/datasets', { headers: { 'content-type': 'multipart/form-data' } }).send('x'),
      400,
      undefined,
    ],
    [
      'a body cut short',
      () =>
        api
          .call('post', '/datasets', { headers: { 'content-type': 'multipart/form-data; boundary=x' } })
          .send('--x\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\nabc'),
      400,
      undefined,
    ],
  ])('of %s is refused', async (_what, send, status, field) => {
    const answer = await send();
    expect({ status: answer.status, said: answer.text }).toMatchObject({ status });
    if (field) expect(answer.body.errors.map((error: { path: string }) => error.path)).toContain(field);
  });

  it('that its sender breaks off leaves nothing behind', async () => {
    const { hostname, port } = new URL(api.url);
    const uploads = () => readdir(path.join(api.dataDir, 'uploads'));
    const socket = connect(Number(port), hostname);
    const head = ['POST /api/v1/datasets HTTP/1.1', 'host: x', `authorization: Bearer ${api.roles.member}`];
    head.push('content-type: multipart/form-data; boundary=x', 'content-length: 1000000', '', '');
    socket.write(`${head.join('\r\n')}--x\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\nabc`);
    await until(async () => (await uploads()).length > 0);
    socket.destroy();
    await until(async () => (await uploads()).length === 0);
  });

  it('of a large text is parsed piece by piece, as if at once, while the API answers', async () => {
    // Longer than two pieces of 8 MiB, so that the cutting counts.
    const document = (i: number) => `Sentence ${i} of a document that is long enough.\nAnother one follows ${i}.\n`;
    const documents = 250_000;
    const large = Array.from({ length: documents }, (_, i) => document(i)).join('\n');
    let finished = false;
    const made = upload('large', large).then((answer) => {
      finished = true;
      return answer;
    });
    let answers = 0;
    while (!finished) {
      expect((await request(api.url).get('/health/live')).status).toBe(200);
      answers++;
    }
    expect(answers).toBeGreaterThan(5);
    expect((await made).body).toMatchObject({ documents, sentences: 2 * documents, words: 13 * documents });
  }, 120_000);
});

describe('a dataset', () => {
  it('cannot be deleted while a run points to it, and takes its blob with it', async () => {
    const { body } = await upload('doomed', 'Only here.\nFor a moment.\n');
    const run = await api.call('post', '/runs', { body: { task: 'bert-pretrain', dataset: 'doomed' } });
    expect((await api.call('delete', `/datasets/${body.id}`)).status).toBe(409);
    await api.rows.run.delete({ where: { id: run.body.id } });
    expect((await api.call('delete', `/datasets/${body.id}`)).status).toBe(204);
    expect((await api.call('get', `/datasets/${body.id}`)).status).toBe(404);
    expect(await openStore(apiOptions('', '', api.dataDir).artifactsUrl).hasBlob(body.sha256)).toBe(false);
  });

  it('named brown is made at its first use, once', async () => {
    const run = () => api.call('post', '/runs?dryRun=true', { body: { task: 'bert-pretrain', dataset: 'brown' } });
    const answers = await Promise.all([run(), run(), run()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const brown = (await api.call('get', '/datasets')).body.items.filter(
      (item: { name: string }) => item.name === 'brown',
    );
    expect(brown).toMatchObject([{ version: 1, builtIn: true, documents: 500 }]);
    expect(brown[0].words).toBeGreaterThan(1_000_000);
    expect((await api.call('delete', `/datasets/${brown[0].id}`)).status).toBe(409);
  });
});

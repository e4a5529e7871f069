import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openStore } from '@regatta/storage';
import { type ExampleKind, parseTextDocuments, readExamples } from '@regatta/text';
import request from 'supertest';
import { apiOptions, TestApi } from '../support/api.js';
import { until } from '../support/until.js';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
});
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
  });
});

type Part = [field: 'file' | 'validation' | 'test', content: string | Buffer];

/** Sends an upload of any kind: fields, then files. */
function send(fields: Record<string, string>, ...files: Part[]) {
  const call = api.call('post', '/datasets');
  for (const [name, value] of Object.entries(fields)) call.field(name, value);
  for (const [field, content] of files) call.attach(field, Buffer.from(content as string), 'data.txt');
  return call;
}

const squad = JSON.stringify({
  data: [
    {
      paragraphs: [
        {
          context: '🎈 Ada met Bo.',
          qas: [
            { id: 'q1', question: 'Who?', answers: [{ text: 'Ada', answer_start: 2 }] },
            { id: 'q2', question: 'Why?', answers: [], is_impossible: true },
          ],
        },
      ],
    },
  ],
});

describe('an upload of kind', () => {
  it.each<[string, Record<string, string>, Part[], Record<string, unknown>, Record<string, unknown>]>([
    [
      'classification',
      {},
      [['file', 'ham\tI was "here\r\n\r\nspam\tWin שלום 🎈\r\n']],
      {
        examples: 2,
        words: 6,
        labels: [
          { label: 'ham', count: 1 },
          { label: 'spam', count: 1 },
        ],
        columns: { label: '1', text: '2' },
      },
      { split: null, text: 'I was "here', label: 'ham' },
    ],
    [
      'pair-classification',
      { textColumn: 'b', textPairColumn: 'a', labelColumn: 'c' },
      [['file', 'a,b,c\n"x, y",z,1\nq,r,2\n']],
      { examples: 2, columns: { text: 'b', textPair: 'a', label: 'c' } },
      { split: null, text: 'z', textPair: 'x, y', label: '1' },
    ],
    [
      'regression',
      {},
      [['file', Buffer.from('score\ttext\n1.5\tGr\u00fcn\n2\tRot\n', 'latin1')]],
      { examples: 2, labels: null, encoding: 'windows-1252' },
      { split: null, text: 'Grün', textPair: null, value: 1.5 },
    ],
    [
      'tagging',
      { tagColumn: '2' },
      [
        ['file', 'EU NNP B-ORG\nis VBZ O\n\nIt PRP O\n'],
        ['test', 'He PRP O\n'],
      ],
      { examples: 3, splits: { train: 2, test: 1 }, words: 4, columns: { tokens: '1', tags: '2' } },
      { split: 'train', tokens: ['EU', 'is'], tags: ['NNP', 'VBZ'] },
    ],
    [
      'question-answering',
      {},
      [['file', squad]],
      { examples: 2, splits: null },
      { split: null, id: 'q1', question: 'Who?', context: '🎈 Ada met Bo.', answers: [{ text: 'Ada', start: 3 }] },
    ],
    [
      'translation',
      { sourceLanguage: 'en', targetLanguage: 'zh' },
      [
        ['file', 'Go.\nHi.\nLeak\n'],
        ['file', '去。\n嗨。\n漏\n'],
        ['validation', 'Leak\n'],
        ['validation', '漏\n'],
      ],
      {
        examples: 3,
        splits: { train: 2, validation: 1 },
        languages: { source: 'en', target: 'zh' },
        leaks: { duplicates: 1, removed: 1, examples: expect.arrayContaining([{ line: 3, text: 'Leak' }]) },
        warnings: [{ line: 3, message: expect.stringContaining('left out') }],
      },
      { split: 'train', source: 'Go.', target: '去。' },
    ],
  ])('%s becomes examples', async (kind, options, files, summary, first) => {
    const made = await send({ name: `kind ${kind}`, kind, ...options }, ...files);
    expect({ status: made.status, body: made.body }).toMatchObject({
      status: 201,
      body: { kind, documents: null, sentences: null, ...summary },
    });
    expect((await api.call('get', `/datasets/${made.body.id}`)).body).toEqual(made.body);
    const preview = await api.call('get', `/datasets/${made.body.id}/preview`);
    expect(preview.body).toMatchObject({ documents: [], examples: { length: made.body.examples } });
    expect(preview.body.examples[0]).toEqual(first);
    const blob = await openStore(apiOptions('', '', api.dataDir).artifactsUrl).getBlob(made.body.sha256);
    expect(readExamples(kind as ExampleKind, blob)).toEqual(preview.body.examples);
    expect((await send({ name: `kind ${kind}`, kind, ...options }, ...files)).body).toEqual(made.body);
    expect((await api.call('delete', `/datasets/${made.body.id}`)).status).toBe(204);
  });

  it('is another version with other options, and the same one with what is the default', async () => {
    const file: Part = ['file', 'a\tb\tc\nd\te\tf\n'];
    const fields = { name: 'options', kind: 'translation' };
    const first = await send(fields, file);
    expect(first).toMatchObject({ status: 201, body: { version: 1, columns: { source: '1', target: '2' } } });
    const other = await send({ ...fields, targetColumn: '3' }, file);
    expect(other).toMatchObject({ status: 201, body: { version: 2, columns: { source: '1', target: '3' } } });
    expect(await send({ ...fields, format: 'auto' }, file)).toMatchObject({ status: 200, body: { id: first.body.id } });
    const sides = await send({ ...fields, kind: 'translation' }, ['file', 'x\n'], ['file', 'y\n']);
    const swapped = await send({ ...fields, kind: 'translation' }, ['file', 'y\n'], ['file', 'x\n']);
    expect([sides.body.version, swapped.body.version]).toEqual([3, 4]);
  });

  const kinds = ['classification', 'pair-classification', 'regression', 'tagging', 'question-answering', 'translation'];
  const columns = { 'pair-classification': 'textPairColumn', tagging: 'tagColumn', translation: 'targetColumn' };
  it.each<[string, string, Record<string, string>, Part[], string]>([
    ...kinds.flatMap((kind): [string, string, Record<string, string>, Part[], string][] => {
      const column = columns[kind as keyof typeof columns] ?? 'labelColumn';
      return [
        ['an empty file', kind, {}, [['file', '']], 'file'],
        ['NUL bytes', kind, {}, [['file', 'a\tb\nc\0\td\n']], 'file'],
        [
          'a binary file',
          kind,
          {},
          [['file', Buffer.from(Array.from({ length: 999 }, (_, i) => 1 + ((i * 7919) % 255)))]],
          'file',
        ],
        ['a missing column', kind, { [column]: 'nowhere', format: 'csv' }, [['file', 'a,b,c\n1,2,3\n']], column],
        [
          'another split of nothing',
          kind,
          {},
          [
            ['file', 'a\tb\t1.5\nc\td\t2\n\n'],
            ['test', ' \n'],
          ],
          kind === 'question-answering' ? 'textColumn' : 'test',
        ],
      ];
    }),
    ['one class only', 'classification', {}, [['file', 'a\tx y\na\tz\n']], 'file'],
    ['one class only', 'pair-classification', {}, [['file', 'a\tx y\tq\na\tz\tq\n']], 'file'],
    ['one value only', 'regression', {}, [['file', 'text\tscore\nx\t1\ny\t1\n']], 'file'],
    ['one tag only', 'tagging', {}, [['file', 'x O\ny O\n']], 'file'],
    ['empty targets', 'translation', {}, [['file', 'a\t\nb\t \n']], 'file'],
    [
      'files that do not match',
      'translation',
      {},
      [
        ['file', 'a\nb\n'],
        ['file', 'A\n'],
      ],
      'file',
    ],
    [
      'three files',
      'translation',
      {},
      [
        ['file', 'a\n'],
        ['file', 'A\n'],
        ['file', 'A\n'],
      ],
      'file',
    ],
    [
      'two files',
      'tagging',
      {},
      [
        ['file', 'a X\n'],
        ['file', 'b Y\n'],
      ],
      'file',
    ],
    [
      'test labels that training does not have',
      'classification',
      {},
      [
        ['file', 'a\tx y\nb\tz\n'],
        ['test', 'c\tq\n'],
      ],
      'file',
    ],
    ['sentences without blank lines between them', 'tagging', {}, [['file', 'word X\nother Y\n'.repeat(150)]], 'file'],
    [
      'answers that are not there',
      'question-answering',
      {},
      [['file', squad.replaceAll('"Ada"', '"Cleo"').replace(/,\{"id":"q2".*?\}/, '')]],
      'file',
    ],
    ['JSON that is no SQuAD', 'question-answering', { format: 'squad' }, [['file', '{"data": 1}']], 'file'],
    ['an unknown format', 'classification', { format: 'xml' }, [['file', 'a\tb\n']], 'format'],
    ['an option of another kind', 'tagging', { sourceLanguage: 'en' }, [['file', 'a\tb\n']], 'sourceLanguage'],
    ['columns', 'text', { textColumn: '1' }, [['file', text]], 'textColumn'],
    [
      'a validation file',
      'text',
      {},
      [
        ['file', text],
        ['validation', text],
      ],
      'validation',
    ],
    ['only a test file', 'classification', {}, [['test', 'a\tb\n']], 'file'],
    ['the name of a built-in one', 'translation', { name: 'messages-fr' }, [['file', 'a\tb\n']], 'name'],
  ])('with %s (%s) is refused', async (_what, kind, options, files, field) => {
    const answer = await send({ name: 'wrong', kind, ...options }, ...files);
    expect({ status: answer.status, said: answer.text }).toMatchObject({ status: 422 });
    expect(answer.body.errors.map((error: { path: string }) => error.path)).toContain(field);
    expect(answer.body.detail).toEqual(expect.any(String));
  });
});

/** Makes a built-in dataset, as a run that names it does. */
async function builtIn(name: string) {
  const run = await api.call('post', '/runs?dryRun=true', { body: { task: 'bert-pretrain', dataset: name } });
  const found = (await api.call('get', '/datasets')).body.items.filter((item: { name: string }) => item.name === name);
  expect({ found: found.length, said: run.text }).toMatchObject({ found: 1 });
  return found[0];
}

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

  it.each([
    [
      'brown-pos',
      { kind: 'tagging', labels: expect.arrayContaining([expect.objectContaining({ label: 'nn' })]) },
      50_000,
    ],
    ['brown-genre', { kind: 'classification', labels: { length: 15 } }, 10_000],
    ['brown-imaginative', { kind: 'classification', labels: { length: 2 } }, 10_000],
    ['messages-fr', { kind: 'translation', languages: { source: 'en', target: 'fr' } }, 2000],
    ['messages-de', { kind: 'translation', languages: { source: 'en', target: 'de' } }, 2000],
    ['messages-zh', { kind: 'translation', languages: { source: 'en', target: 'zh' } }, 2000],
    ['toy-copy', { kind: 'translation' }, 1999],
    ['toy-reverse', { kind: 'translation' }, 1999],
    ['toy-sort', { kind: 'translation' }, 1999],
  ])('named %s is made at its first use', async (name, expected, atLeast) => {
    const made = await builtIn(name);
    expect(made).toMatchObject({ version: 1, builtIn: true, documents: null, ...expected });
    expect(made.examples).toBeGreaterThan(atLeast);
    // Where the data is cut by documents, it brings its split.
    if (name.startsWith('brown')) expect(made.splits.validation / made.examples).toBeCloseTo(0.1, 1);
    else expect(made.splits).toBeNull();
    expect((await api.call('delete', `/datasets/${made.id}`)).status).toBe(409);
  });

  it('named toy-grammar tells the lowest loss that is possible', async () => {
    expect(await builtIn('toy-grammar')).toMatchObject({
      kind: 'text',
      documents: 400,
      warnings: [{ line: 0, message: expect.stringContaining('1.4729 nats a word (perplexity 4.362)') }],
    });
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

import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { TestApi } from '../support/api.js';

let api: TestApi;
let runId: string;
beforeAll(async () => {
  api = await TestApi.start();
  runId = await api.run();
}, 150_000);
afterAll(() => api.stop());

const body = (over: object = {}) => ({ task: 'bert-pretrain', dataset: 'words', ...over });

describe('a run that is wrong', () => {
  it.each<[string, object, string]>([
    ['unknown field', body({ nme: 'x' }), 'nme'],
    ['unknown field inside', body({ training: { maxstep: 3 } }), 'training.maxstep'],
    ['wrong type', body({ seed: 'one' }), 'seed'],
    ['missing field', { dataset: 'words' }, 'task'],
    ['unknown task', body({ task: 'juggling' }), 'task'],
    ['unknown dataset', body({ dataset: 'nothing' }), 'dataset'],
    ['dataset version that is not there', body({ dataset: 'words@9' }), 'dataset'],
    ['0 workers', body({ distributed: { minWorkers: 0 } }), 'distributed.minWorkers'],
    ['more workers than shards', body({ distributed: { maxWorkers: 16 } }), 'distributed.maxWorkers'],
    ['sequence length 100,000', body({ training: { maxLength: 100_000 } }), 'training.maxLength'],
    ['priority too high', body({ priority: 1001 }), 'priority'],
    ['name too long', body({ name: 'n'.repeat(201) }), 'name'],
    ['a huge number', body({ training: { maxSteps: 1e300 } }), 'training.maxSteps'],
    ['NUL in a name', body({ name: 'a\0b' }), 'name'],
    ['half a surrogate pair', body({ tags: ['\ud800'] }), 'tags.0'],
    ['steps and epochs', body({ training: { maxSteps: 1, maxEpochs: 1 } }), 'training.maxEpochs'],
  ])('%s: 422 naming the field', async (_what, sent, path) => {
    const answer = await api.call('post', '/runs', { body: sent });
    expect(answer.status).toBe(422);
    expect(answer.body.errors.map((error: { path: string }) => error.path)).toContain(path);
    expect(await api.call('post', '/runs?dryRun=true', { body: sent })).toMatchObject({ status: 422 });
  });

  it('names the nearest known field', async () => {
    const answer = await api.call('post', '/runs', { body: body({ training: { maxstep: 3 } }) });
    expect(answer.body).toMatchObject({
      type: 'urn:regatta:problem:invalid',
      title: 'Unprocessable Entity',
      status: 422,
      errors: [{ path: 'training.maxstep', message: 'is not a known field; did you mean maxSteps?' }],
    });
  });

  it.each([40, 20_000])('nested %i levels deep', async (depth) => {
    const sent = `{"task":"bert-pretrain","tags":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    const keys: Record<string, string>[] = [{}, { 'idempotency-key': `deep-${depth}` }];
    for (const key of keys) {
      const headers = { 'content-type': 'application/json', ...key };
      expect((await api.call('post', '/runs', { headers }).send(sent)).status).toBe(422);
    }
  });
});

describe('a request that is wrong', () => {
  const raw = (text: string | Buffer, type: string) =>
    api.call('post', '/runs', { headers: { 'content-type': type } }).send(text as string);

  it.each<[string, () => request.Test, number]>([
    ['no body', () => api.call('post', '/runs'), 400],
    ['an empty body', () => raw('', 'application/json'), 400],
    ['malformed JSON', () => raw('{"task":', 'application/json'), 400],
    ['a JSON string', () => raw('"run"', 'application/json'), 400],
    ['a JSON array', () => raw('[]', 'application/json'), 422],
    ['invalid UTF-8', () => raw(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'application/json'), 422],
    ['another media type', () => raw('task=x', 'application/x-www-form-urlencoded'), 415],
    ['another charset', () => raw('{}', 'application/json; charset=klingon'), 415],
    ['too large a body', () => raw(JSON.stringify({ name: 'x'.repeat(5_000_000) }), 'application/json'), 413],
    ['an id that is none', () => api.call('get', '/runs/42'), 404],
    ['an id with NUL', () => api.call('get', '/runs/%00'), 404],
    ['an address longer than Node reads', () => api.call('get', `/runs?text=${'x'.repeat(20_000)}`), 431],
    ['a broken escape', () => api.call('get', '/runs/%E0%A4'), 400],
    ['an unknown run', () => api.call('get', '/runs/00000000-0000-7000-8000-000000000000'), 404],
    ['an unknown path', () => api.call('get', '/nothing'), 404],
    ['another method', () => api.call('delete', '/runs'), 405],
    ['limit 0', () => api.call('get', '/runs?limit=0'), 422],
    ['limit 201', () => api.call('get', '/runs?limit=201'), 422],
    ['limit that is no number', () => api.call('get', '/runs?limit=many'), 422],
    ['a limit twice', () => api.call('get', '/runs?limit=1&limit=2'), 422],
    ['an unknown filter', () => api.call('get', '/runs?colour=red'), 422],
    ['a status that is none', () => api.call('get', '/runs?status=happy'), 422],
    ['NUL in a filter', () => api.call('get', '/runs?text=%00'), 422],
    ['a cursor that is none', () => api.call('get', '/runs?cursor=zzz'), 422],
    [
      'a cursor of another kind',
      () => api.call('get', `/runs?cursor=${Buffer.from('["-createdAt","x","y"]').toString('base64url')}`),
      422,
    ],
    ['a cursor of events that is none', () => api.call('get', `/runs/${runId}/events?cursor=x`), 422],
    ['maxPoints 0', () => api.call('get', `/runs/${runId}/metrics?maxPoints=0`), 422],
    ['maxPoints 100,001', () => api.call('get', `/runs/${runId}/metrics?maxPoints=100001`), 422],
    ['from beyond all steps', () => api.call('get', `/runs/${runId}/metrics?from=99999999999999`), 422],
    ['a step that is none', () => api.call('delete', `/runs/${runId}/checkpoints/x`), 404],
    ['a step too large', () => api.call('delete', `/runs/${runId}/checkpoints/99999999999`), 404],
    ['an empty patch', () => api.call('patch', `/runs/${runId}`, { body: {} }), 422],
    ['a patch of what cannot be', () => api.call('patch', `/runs/${runId}`, { body: { status: 'completed' } }), 422],
    [
      'a Last-Event-ID that is none',
      () => api.call('get', `/runs/${runId}/stream`, { headers: { 'last-event-id': 'x' } }),
      422,
    ],
    [
      'an Idempotency-Key too long',
      () => api.call('post', '/runs', { body: body(), headers: { 'idempotency-key': 'k'.repeat(201) } }),
      422,
    ],
    [
      'a key that expired before it was made',
      () =>
        api.call('post', '/api-keys', {
          as: 'admin',
          body: { name: 'x', role: 'viewer', expiresAt: '2001-01-01T00:00:00Z' },
        }),
      422,
    ],
    [
      'an authorization of another kind',
      () => api.call('get', '/me', { as: null, headers: { authorization: 'Basic eDp5' } }),
      401,
    ],
  ])('%s', async (_what, send, status) => {
    const answer = await send();
    expect({ status: answer.status, said: answer.text }).toMatchObject({ status });
    expect(answer.headers['content-type']).toMatch('application/problem+json');
    expect(JSON.parse(answer.text)).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
  });

  it('names the methods there are', async () => {
    expect((await api.call('delete', '/runs')).headers.allow).toBe('GET, POST');
  });

  it('does not tell pages from programs apart by mistake: an unknown API path is never the dashboard', async () => {
    const answer = await request(api.url).get('/api/v1/nothing').set('accept', 'text/html');
    expect(answer.status).toBe(404);
  });
});

describe('what attackers try', () => {
  const json = (text: string, route = '/runs') =>
    api.call('post', route, { headers: { 'content-type': 'application/json' } }).send(text);

  it.each([
    ['a prototype', '{"task":"bert-pretrain","dataset":"words","__proto__":{"seed":9}}', '__proto__'],
    [
      'a prototype inside',
      '{"task":"bert-pretrain","dataset":"words","model":{"__proto__":{"x":1}}}',
      'model.__proto__',
    ],
    ['a constructor', '{"task":"bert-pretrain","dataset":"words","constructor":{"prototype":{"x":1}}}', 'constructor'],
  ])('%s in a body: 422, and no object has it', async (_what, sent, path) => {
    const answer = await json(sent);
    expect({ status: answer.status, paths: answer.body.errors?.map((one: { path: string }) => one.path) }).toEqual({
      status: 422,
      paths: [path],
    });
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it('a prototype in the changes of a fork: 422', async () => {
    const sent = '{"checkpoint":1,"changes":{"training":{"__proto__":{"maxSteps":9}}}}';
    expect((await json(sent, `/runs/${runId}/fork`)).body.errors).toEqual([
      { path: 'changes.training.__proto__', message: 'is not a field name' },
    ]);
  });

  it.each(['__proto__', 'constructor', '__proto__[x]'])('the filter %s: 422', async (name) => {
    expect((await api.call('get', `/runs?${encodeURIComponent(name)}=x`)).status).toBe(422);
  });

  it.each(['__proto__', 'constructor', 'toString'])('the form field %s: 422 as an unknown one', async (name) => {
    const answer = await api
      .call('post', '/datasets')
      .field('name', 'x')
      .field(name, 'x')
      .attach('file', Buffer.from('a b'), 'x.txt');
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0].path).toBe(name);
  });

  it('a body that grows a thousandfold when it is unpacked: 413', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20, ' '));
    expect(bomb.length).toBeLessThan(100_000);
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const authorization = `Bearer ${api.roles.member}`;
    const sent = { method: 'POST', headers: { ...headers, authorization }, body: bomb };
    expect((await fetch(`${api.url}/api/v1/runs`, sent)).status).toBe(413);
  });

  it.each([
    '/..%2f..%2fapi-key',
    '/assets/..%2f..%2f..%2fapi-key',
    '/api/docs/..%2f..%2fapi-key',
    '/%2e%2e/api-key',
    '/..%5capi-key',
  ])('the path %s leads nowhere', async (path) => {
    const answer = await request(api.url).get(path);
    expect([400, 403, 404]).toContain(answer.status);
    expect(answer.text).not.toContain(api.roles.admin);
  });

  it('a file named as a path stays where it belongs', async () => {
    const sent = api
      .call('post', '/datasets')
      .field('name', '../../../evil')
      .attach('file', Buffer.from('one two\n'), '../../evil.txt');
    const { status, body: made } = await sent;
    expect(status).toBe(201);
    const files = await readdir(api.dataDir, { recursive: true });
    expect(files.filter((file) => file.includes('evil'))).toEqual([]);
    expect(existsSync(path.join(api.dataDir, '../../evil.txt'))).toBe(false);
    expect((await api.call('delete', `/datasets/${made.id}`)).status).toBe(204);
  });

  it('a pattern in a filter is only text', async () => {
    const named = (name: string) => api.run({ name });
    await Promise.all([named('(a+)+$'), named('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'), named('100 %')]);
    const found = async (text: string) =>
      (await api.call('get', `/runs?text=${encodeURIComponent(text)}`)).body.items.map(
        (run: { name: string }) => run.name,
      );
    expect(await found('(a+)+$')).toEqual(['(a+)+$']);
    expect(await found('%')).toEqual(['100 %']);
    expect(await found("' OR 1=1 --")).toEqual([]);
  });
});

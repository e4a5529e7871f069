import { readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { keys } from '@regatta/contracts';
import request from 'supertest';
import { BootstrapKey } from '../../apps/api/src/auth/bootstrap-key.js';
import { TestApi } from '../support/api.js';
import { until } from '../support/until.js';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
}, 150_000);
afterAll(() => api.stop());

/** `name=value` of each cookie that an answer sets, and the whole lines. */
function cookiesOf(answer: request.Response) {
  const lines = (answer.headers['set-cookie'] as unknown as string[]) ?? [];
  const pairs = lines.map((line) => line.split(';')[0].split('='));
  return {
    lines,
    header: pairs.map((pair) => pair.join('=')).join('; '),
    values: Object.fromEntries(pairs) as Record<string, string>,
  };
}

const signIn = () => request(api.url).post('/api/v1/sign-in').send({ apiKey: api.roles.member });

describe('the first admin key', () => {
  const file = () => path.join(api.dataDir, 'api-key');

  it('is in a file that only its owner reads, and nothing else is', async () => {
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect(await readFile(file(), 'utf8')).toMatch(/^rgt_[\w-]{43}$/);
    expect((await api.call('get', '/me', { as: 'admin' })).body).toEqual({ name: 'first admin key', role: 'admin' });
  });

  it('is kept over a restart, and replaced where the file is lost', async () => {
    const first = api.roles.admin;
    await api.app.get(BootstrapKey).onApplicationBootstrap();
    expect(await readFile(file(), 'utf8')).toBe(first);
    await rm(file());
    await api.app.get(BootstrapKey).onApplicationBootstrap();
    api.roles.admin = await readFile(file(), 'utf8');
    expect(api.roles.admin).not.toBe(first);
    expect((await api.call('get', '/me', { as: null, headers: { authorization: `Bearer ${first}` } })).status).toBe(
      401,
    );
    expect((await api.call('get', '/me', { as: 'admin' })).status).toBe(200);
  });

  it('is followed by another in its file where it is revoked', async () => {
    const before = api.roles.admin;
    const listed = (await api.call('get', '/api-keys', { as: 'admin' })).body.items as { id: string; name: string }[];
    const { id } = listed.find(({ name }) => name === 'first admin key') as { id: string };
    expect((await api.call('delete', `/api-keys/${id}`, { as: 'admin' })).status).toBe(204);
    expect((await api.call('get', '/me', { as: 'admin' })).status).toBe(401);
    api.roles.admin = await readFile(file(), 'utf8');
    expect(api.roles.admin).not.toBe(before);
    expect((await api.call('get', '/me', { as: 'admin' })).status).toBe(200);
  });

  it('is stored only as a hash', async () => {
    expect(JSON.stringify(await api.rows.apiKey.findMany())).not.toContain(api.roles.admin.slice(4));
  });
});

describe('a browser', () => {
  it('signs in with a key, reads by cookie, and writes with its CSRF token', async () => {
    const { lines, header, values } = cookiesOf(await signIn());
    expect(lines.find((line) => line.startsWith('regatta-session='))).toMatch(/HttpOnly; SameSite=Strict/);
    expect(lines.find((line) => line.startsWith('regatta-csrf='))).not.toMatch(/HttpOnly/);
    const by = (test: request.Test) => test.set('cookie', header);
    expect((await by(request(api.url).get('/api/v1/me'))).body).toEqual({ name: 'member', role: 'member' });
    const write = () => by(request(api.url).post('/api/v1/projects').send({ name: 'by cookie' }));
    expect((await write()).status).toBe(403);
    expect((await write().set('x-csrf-token', 'guess')).status).toBe(403);
    expect((await write().set('x-csrf-token', values['regatta-csrf'])).status).toBe(201);
  });

  it('is signed out for good', async () => {
    const { header, values } = cookiesOf(await signIn());
    const out = request(api.url)
      .post('/api/v1/sign-out')
      .set('cookie', header)
      .set('x-csrf-token', values['regatta-csrf']);
    expect((await out).status).toBe(204);
    expect((await request(api.url).get('/api/v1/me').set('cookie', header)).status).toBe(401);
  });

  it('is refused with a wrong key', async () => {
    expect((await request(api.url).post('/api/v1/sign-in').send({ apiKey: 'rgt_wrong' })).status).toBe(401);
  });

  it('uses a link once, and not after ten minutes', async () => {
    const link = async () => new URL((await api.call('post', '/sign-in-links', { as: 'admin' })).body.url as string);
    const open = (url: URL) =>
      request(api.url)
        .get(url.pathname + url.search)
        .redirects(0);
    const url = await link();
    const first = await open(url);
    expect(first).toMatchObject({ status: 303, headers: { location: '/' } });
    expect((await request(api.url).get('/api/v1/me').set('cookie', cookiesOf(first).header)).body.role).toBe('admin');
    const second = await open(url);
    expect(second.headers.location).toBe('/sign-in?reason=link');
    expect(cookiesOf(second).lines).toEqual([]);
    const late = await link();
    await api.rows.signInLink.updateMany({ data: { expiresAt: new Date(Date.now() - 1) } });
    expect((await open(late)).headers.location).toBe('/sign-in?reason=link');
  });
});

describe('an API key', () => {
  const make = (body: object, key = 'k') =>
    api.call('post', '/api-keys', {
      as: 'admin',
      body: { name: 'n', role: 'viewer', ...body },
      headers: { 'idempotency-key': key },
    });

  it('is shown once, also to a repeated request', async () => {
    const first = await make({}, 'shown');
    expect(first.body.key).toMatch(/^rgt_/);
    const again = await make({}, 'shown');
    expect(again).toMatchObject({ status: 201, body: { id: first.body.id, key: null } });
    expect((await api.call('get', '/api-keys', { as: 'admin' })).text).not.toContain(first.body.key);
  });

  it('ends with its time, or when it is revoked, with its sessions', async () => {
    const me = (key: string) => api.call('get', '/me', { as: null, headers: { authorization: `Bearer ${key}` } });
    const timed = (await make({ expiresAt: new Date(Date.now() + 3600_000).toISOString() }, 'timed')).body;
    expect((await me(timed.key)).status).toBe(200);
    const { header } = cookiesOf(await request(api.url).post('/api/v1/sign-in').send({ apiKey: timed.key }));
    await api.rows.apiKey.update({ where: { id: timed.id }, data: { expiresAt: new Date(Date.now() - 1) } });
    // The API itself has not changed the row: it may take it for what it was for a second.
    await until(async () => (await me(timed.key)).status === 401);
    await until(async () => (await request(api.url).get('/api/v1/me').set('cookie', header)).status === 401);
    const revoked = (await make({}, 'revoked')).body;
    expect((await api.call('delete', `/api-keys/${revoked.id}`, { as: 'admin' })).status).toBe(204);
    expect((await me(revoked.key)).status).toBe(401);
  });
});

describe('rate limits', () => {
  let limited: TestApi;
  beforeAll(async () => {
    limited = await TestApi.start('pglite', { rateLimit: { requests: 5, signIns: 2 } });
  }, 150_000);
  afterAll(() => limited.stop());

  it('answer 429 with Retry-After, each key for itself, and never for health', async () => {
    const statuses = [];
    for (let i = 0; i < 7; i++) statuses.push((await limited.call('get', '/me', { as: 'member' })).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    const refused = await limited.call('get', '/me', { as: 'member' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused.body).toMatchObject({ status: 429, type: 'urn:regatta:problem:rate-limited' });
    expect((await limited.call('get', '/me', { as: 'viewer' })).status).toBe(200);
    for (let i = 0; i < 7; i++) expect((await request(limited.url).get('/health/live')).status).toBe(200);
  });

  it('are stricter for signing in', async () => {
    const attempt = () => request(limited.url).post('/api/v1/sign-in').send({ apiKey: 'x' });
    expect([(await attempt()).status, (await attempt()).status, (await attempt()).status]).toEqual([401, 401, 429]);
    const counted = await limited.redis.keys(`${keys.rates('sign-ins')}*`);
    expect(counted).toHaveLength(1);
    expect(await limited.redis.pttl(counted[0])).toBeGreaterThan(0);
  });
});

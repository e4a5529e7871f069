import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import request from 'supertest';
import { TestApi } from '../support/api.js';

let api: TestApi;
let dashboard: string;
beforeAll(async () => {
  dashboard = await mkdtemp(path.join(tmpdir(), 'regatta-dashboard-'));
  await mkdir(path.join(dashboard, 'assets'));
  await writeFile(path.join(dashboard, 'index.html'), '<meta content="STYLE_NONCE"><title>Regatta</title>');
  await writeFile(path.join(dashboard, 'assets/app-1a2b.js'), 'export {};');
  await writeFile(path.join(dashboard, 'assets/large-3c4d.js'), `export const text = '${'regatta '.repeat(500)}';`);
  api = await TestApi.start('pglite', { dashboard });
});
afterAll(async () => {
  await api.stop();
  await rm(dashboard, { recursive: true, force: true });
});

const page = (at: string) => request(api.url).get(at).set('accept', 'text/html,application/xhtml+xml');

it.each(['/', '/runs/01a20e8a-e4bb-72f6-87f1-fb21cb9b6499', '/sign-in?reason=link'])('%s is the page', async (at) => {
  const answer = await page(at);
  expect(answer.status).toBe(200);
  const nonce = /^<meta content="([^"]{20,})"><title>Regatta<\/title>$/.exec(answer.text)?.[1];
  expect(answer.headers['cache-control']).toBe('no-cache');
  const policy = answer.headers['content-security-policy'];
  expect(policy).toContain(`script-src 'self';style-src 'self' 'nonce-${nonce}';`);
  expect(policy).not.toMatch(/unsafe|\*/);
  expect((await page(at)).text).not.toBe(answer.text);
});

it('keeps hashed files for good, and answers 404 for those that are gone', async () => {
  expect((await page('/assets/app-1a2b.js')).headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect((await page('/assets/app-0000.js')).status).toBe(404);
});

it.each(['br', 'gzip'])('sends what is long by %s where that is taken', async (encoding) => {
  const large = await page('/assets/large-3c4d.js').set('accept-encoding', encoding);
  expect(large.headers).toMatchObject({
    'content-encoding': encoding,
    vary: expect.stringContaining('Accept-Encoding'),
  });
  expect((await page('/assets/large-3c4d.js').set('accept-encoding', 'identity')).headers).not.toHaveProperty(
    'content-encoding',
  );
});

it.each(['/api/v1/nothing', '/health/nothing', '/metrics/nothing'])('%s is never the page', async (at) => {
  expect((await page(at)).status).toBe(404);
});

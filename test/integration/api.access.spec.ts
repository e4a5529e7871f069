import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, type Role, roles } from '@regatta/contracts';
import request from 'supertest';
import type { RouteSpec } from '../../apps/api/src/http/route.js';
import { openapiDocument } from '../../apps/api/src/openapi/document.js';
import { allRoutes } from '../../apps/api/src/routes.js';
import { TestApi } from '../support/api.js';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api?.stop());

const guarded = allRoutes.filter((spec) => spec.role !== 'open');
const named = (spec: RouteSpec) => `${spec.method.toUpperCase()} ${spec.path}`;
const send = (spec: RouteSpec, key?: string) => {
  const path = spec.path.replace(':id', newId()).replace(':step', '7');
  const test = request(api.url)[spec.method](path);
  return key === undefined ? test : test.set('authorization', `Bearer ${key}`);
};
const rank = (role: Role) => roles.indexOf(role);

describe.each(guarded.map((spec) => [named(spec), spec] as const))('%s', (_name, spec) => {
  it('asks for a key', async () => {
    const answer = await send(spec);
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
    expect(answer.headers['content-type']).toMatch('application/problem+json');
  });

  it('refuses a key that is not known', async () => {
    expect((await send(spec, 'rgt_no-such-key')).status).toBe(401);
  });

  it.each(roles.map((role) => [role]))('as %s', async (role) => {
    const { status } = await send(spec, api.roles[role]);
    if (rank(role) < rank(spec.role as Role)) expect(status).toBe(403);
    else expect([200, 201, 204, 303, 400, 404, 415, 422]).toContain(status);
  });
});

describe('the document', () => {
  const document = openapiDocument(allRoutes, '0');
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
  );

  it.each(operations)('%s says how it fails', (_name, operation) => {
    const { responses } = operation as { responses: Record<string, { content?: object }> };
    expect(Object.keys(responses)).toContain('429');
    for (const [status, response] of Object.entries(responses))
      if (Number(status) >= 400) expect(Object.keys(response.content ?? {})).toEqual(['application/problem+json']);
  });

  it('refers only to schemas that are there', () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) =>
      to.replace('#/components/schemas/', ''),
    );
    expect(references.length).toBeGreaterThan(50);
    for (const name of references) expect(document.components.schemas).toHaveProperty(name);
    expect(text).not.toMatch(/\$defs|__schema/);
  });

  it('is served, with pages that need no inline script', async () => {
    expect((await request(api.url).get('/api/openapi.json')).body.openapi).toBe('3.1.0');
    const page = await request(api.url).get('/api/docs');
    expect(page.headers['content-security-policy']).toMatch(/script-src 'self';/);
    const scripts = [...page.text.matchAll(/<script([^>]*)>([^<]*)/g)];
    expect(scripts.length).toBeGreaterThan(0);
    for (const [, attributes, inline] of scripts) {
      const source = /src="([^"]+)"/.exec(attributes)?.[1] as string;
      expect(inline.trim()).toBe('');
      expect((await request(api.url).get(new URL(source, `${api.url}/api/docs`).pathname)).status).toBe(200);
    }
  });
});

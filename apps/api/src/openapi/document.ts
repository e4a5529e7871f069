import { problem } from '@regatta/contracts';
import type { z } from 'zod';
import type { RouteSpec } from '../http/route.js';
import { componentSchemas, schemaOf } from './components.js';

const titles: Record<number, string> = {
  400: 'The body is missing or malformed',
  401: 'No API key, or not a valid one',
  403: 'The role of this key does not suffice',
  404: 'There is no such thing',
  409: 'Not in its present state',
  413: 'Too large',
  415: 'The body is of another media type',
  422: 'Something in the request is not valid: `errors` says what',
  431: 'The address and the headers are longer than 16 KiB together',
  429: 'Too many requests; `Retry-After` says when to try again',
  503: 'Something behind the API is away; try again',
};

/** The OpenAPI 3.1 document of all routes. */
export function openapiDocument(routes: readonly RouteSpec[], version: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const spec of routes) {
    const path = spec.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [spec.method]: operation(spec) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Regatta',
      version,
      description: 'Distributed training of attention models',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }, { session: [] }],
    paths,
    components: {
      schemas: componentSchemas(),
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'regatta-session',
          description: 'Writes repeat the cookie regatta-csrf in the header x-csrf-token',
        },
      },
    },
  };
}

function operation(spec: RouteSpec) {
  return {
    operationId: operationId(spec),
    tags: [spec.tag],
    summary: spec.summary,
    description: spec.role === 'open' ? undefined : `Needs the role ${spec.role}.`,
    ...(spec.role === 'open' ? { security: [] } : {}),
    parameters: [...pathParameters(spec), ...queryParameters(spec), ...headerParameters(spec)],
    requestBody: requestBody(spec),
    responses: { ...answers(spec), ...failures(spec) },
  };
}

/** `get /api/v1/runs/:id/events` → `getRunsIdEvents` */
function operationId(spec: RouteSpec): string {
  const words = spec.path.replace('/api/v1', '').split(/[^A-Za-z0-9]+/);
  return spec.method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

const parameterSchemas: Record<string, object> = {
  step: { type: 'integer', minimum: 0 },
  worker: { type: 'string' },
};

const pathParameters = (spec: RouteSpec) =>
  [...spec.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: parameterSchemas[name] ?? { type: 'string', format: 'uuid' },
  }));

function queryParameters(spec: RouteSpec) {
  if (!spec.query) return [];
  const { properties = {} } = schemaOf(spec.query, 'output') as {
    properties?: Record<string, Record<string, unknown>>;
  };
  const shape = (spec.query as z.ZodObject).shape as Record<string, z.ZodType>;
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: !shape[name].safeParse(undefined).success,
    description,
    schema,
  }));
}

const headerParameters = (spec: RouteSpec) =>
  spec.creates
    ? [
        {
          name: 'Idempotency-Key',
          in: 'header',
          required: false,
          description: 'The same key and request get the first answer again, for 24 hours',
          schema: { type: 'string', minLength: 1, maxLength: 200 },
        },
      ]
    : [];

function requestBody(spec: RouteSpec) {
  if (spec.body) return { required: true, content: { 'application/json': { schema: schemaOf(spec.body, 'input') } } };
  if (spec.multipart)
    return { required: true, content: { 'multipart/form-data': { schema: schemaOf(spec.multipart, 'input') } } };
  return undefined;
}

function answers(spec: RouteSpec) {
  return Object.fromEntries(
    Object.entries(spec.answers).map(([status, { description, schema, contentType = 'application/json' }]) => [
      status,
      { description, ...(schema ? { content: { [contentType]: { schema: schemaOf(schema, 'output') } } } : {}) },
    ]),
  );
}

/** Failures follow from what a call takes; 429, 431 and 503 are everywhere. */
function failures(spec: RouteSpec) {
  const statuses = new Set([429, 431, ...(spec.fails ?? [])]);
  if (!spec.path.startsWith('/health')) statuses.add(503);
  if (spec.role !== 'open') statuses.add(401).add(403);
  if (spec.path.includes(':')) statuses.add(404);
  if (spec.query || spec.body || spec.multipart) statuses.add(422);
  if (spec.body || spec.multipart) for (const status of [400, 413, 415]) statuses.add(status);
  if (spec.creates) statuses.add(409).add(422);
  for (const status of Object.keys(spec.answers)) statuses.delete(Number(status));
  return Object.fromEntries(
    [...statuses].sort().map((status) => [
      status,
      {
        description: titles[status],
        ...(status === 429 || status === 503
          ? { headers: { 'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer' } } } }
          : {}),
        content: { 'application/problem+json': { schema: schemaOf(problem, 'output') } },
      },
    ]),
  );
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { answer, createClient } from './client.js';
import { ProblemError, UnreachableError } from './problem.js';
import { streamRun } from './stream-run.js';

let server: Server | undefined;
async function listen(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  server = createServer(handler);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const problem = (response: ServerResponse, status: number, detail: string) =>
  response
    .writeHead(status, { 'content-type': 'application/problem+json' })
    .end(
      JSON.stringify({ type: 'about:blank', title: 'No', status, detail, errors: [{ path: 'name', message: 'x' }] }),
    );

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

describe('streamRun', () => {
  it('goes on from the last id after a broken connection, and stops at `end`', async () => {
    const asked: (string | undefined)[] = [];
    const baseUrl = await listen((request, response) => {
      asked.push(request.headers['last-event-id'] as string | undefined);
      expect(request.headers.authorization).toBe('Bearer key');
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const from = Number(request.headers['last-event-id'] ?? 0);
      const point = (id: number) => `id: ${id}\nevent: metric\ndata: {"name":"train.loss","step":${id},"value":1}\n\n`;
      if (from === 0) response.end(`retry: 5\n: hello\n${point(1)}${point(2)}`);
      else response.write(`${point(3)}id: 4\nevent: end\ndata: {}\n\n`);
    });
    const seen: string[] = [];
    for await (const message of streamRun(createClient({ baseUrl, apiKey: 'key' }), 'r')) {
      seen.push(`${message.event} ${message.id}`);
    }
    expect(seen).toEqual(['metric 1', 'metric 2', 'metric 3', 'end 4']);
    expect(asked).toEqual([undefined, '2']);
  });

  it('throws what the API answered when it refuses, instead of asking for ever', async () => {
    const baseUrl = await listen((_request, response) => problem(response, 404, 'no such run'));
    const first = streamRun(createClient({ baseUrl }), 'r').next();
    await expect(first).rejects.toMatchObject({ status: 404, message: 'no such run' });
  });

  it('ends when its signal is aborted', async () => {
    const stop = new AbortController();
    const baseUrl = await listen((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('id: 1\nevent: metric\ndata: {}\n\n');
    });
    let messages = 0;
    for await (const _message of streamRun(createClient({ baseUrl }), 'r', { signal: stop.signal })) {
      messages++;
      stop.abort();
    }
    expect(messages).toBe(1);
  });
});

describe('createClient', () => {
  it('throws problems with their fields, and says when nobody answers', async () => {
    const baseUrl = await listen((_request, response) => problem(response, 422, 'not valid'));
    const client = createClient({ baseUrl });
    const call = answer(client.GET('/api/v1/runs'));
    await expect(call).rejects.toBeInstanceOf(ProblemError);
    await expect(call).rejects.toMatchObject({ status: 422, errors: [{ path: 'name', message: 'x' }] });
    const nobody = createClient({ baseUrl: 'http://127.0.0.1:9' });
    await expect(answer(nobody.GET('/api/v1/runs'))).rejects.toBeInstanceOf(UnreachableError);
  });

  it('repeats the CSRF cookie in the header of writes, and only there', async () => {
    const tokens: (string | undefined)[] = [];
    const baseUrl = await listen((request, response) => {
      tokens.push(request.headers['x-csrf-token'] as string | undefined);
      response.writeHead(204).end();
    });
    const world = globalThis as { document?: unknown };
    world.document = { cookie: 'other=1; regatta-csrf=a%2Bb' };
    try {
      const client = createClient({ baseUrl });
      await client.GET('/api/v1/me');
      await client.POST('/api/v1/sign-out');
    } finally {
      delete world.document;
    }
    expect(tokens).toEqual([undefined, 'a+b']);
  });
});

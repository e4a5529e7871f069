import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { buildProgram } from './program.js';

/** What was asked of an API that knows one run. */
let asked: { method?: string; url?: string; key?: string | string[]; body: unknown }[];
let server: Server;
let url: string;
const run = { id: 'r', name: 'a run', status: 'queued', config: { distributed: { minWorkers: 1, maxWorkers: 2 } } };

beforeEach(async () => {
  asked = [];
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString();
    const { method, headers } = request;
    asked.push({ method, url: request.url, key: headers['idempotency-key'], body: text ? JSON.parse(text) : null });
    response.setHeader('content-type', 'application/json').end(JSON.stringify(run));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  jest.restoreAllMocks();
  server.closeAllConnections();
  server.close();
});

const regatta = (...args: string[]) => buildProgram().parseAsync(['node', 'regatta', '--url', url, ...args]);

describe('what is wanted of a run', () => {
  it.each([
    ['pause', [], null],
    ['resume', [], null],
    ['scale', ['--min', '1', '--max', '3'], { minWorkers: 1, maxWorkers: 3 }],
    ['scale', ['--max', '3'], { maxWorkers: 3 }],
    ['fork', ['--checkpoint', '20'], { checkpoint: 20, changes: {} }],
  ])('%s %j', async (what, options, body) => {
    await regatta('run', what, 'r', ...(options as string[]));
    expect(asked).toMatchObject([{ method: 'POST', url: `/api/v1/runs/r/${what}`, body }]);
  });

  it('fork takes any field, several times, and asks with a key of its own', async () => {
    const set = [
      'optimizer.learningRate=1e-4',
      'optimizer.schedule=constant',
      'training.earlyStopping=null',
      'tags=[a, b]',
    ];
    await regatta('run', 'fork', 'r', '--checkpoint', '20', ...set.flatMap((one) => ['--set', one]));
    const changes = {
      optimizer: { learningRate: 1e-4, schedule: 'constant' },
      training: { earlyStopping: null },
      tags: ['a', 'b'],
    };
    expect(asked[0]).toMatchObject({ key: expect.any(String), body: { checkpoint: 20, changes } });
  });
});

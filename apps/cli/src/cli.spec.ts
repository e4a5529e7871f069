import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createClient, ProblemError, UnreachableError } from '@regatta/client';
import { followRun } from './follow.js';
import { duration, table } from './format.js';
import { explain } from './output.js';
import { readSettings } from './settings.js';

let folder: string;
let server: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'regatta-cli-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

describe('readSettings', () => {
  it('takes the command line, then the environment, then the installation on this machine', () => {
    writeFileSync(path.join(folder, 'api-key'), 'from-file\n');
    const here = { DATA_DIR: folder, PORT: '3001' };
    expect(readSettings(undefined, here)).toEqual({ url: 'http://127.0.0.1:3001', apiKey: 'from-file' });
    const there = { ...here, REGATTA_URL: 'https://there/', REGATTA_API_KEY: 'from-env' };
    expect(readSettings(undefined, there)).toEqual({ url: 'https://there', apiKey: 'from-env' });
    expect(readSettings('http://else', there).url).toBe('http://else');
    expect(readSettings(undefined, { DATA_DIR: path.join(folder, 'none') }).apiKey).toBeUndefined();
  });
});

describe('explain', () => {
  it('says what was wrong field by field, and what to do', () => {
    const errors = [{ path: 'training.maxSteps', message: 'must be at least 1' }];
    const wrong = new ProblemError({ status: 422, title: 'Invalid', detail: 'The run is not valid.', errors });
    expect(explain(wrong)).toBe('The run is not valid.\n  training.maxSteps: must be at least 1');
    expect(explain(new ProblemError({ status: 401, title: 'No key' }))).toContain('REGATTA_API_KEY');
    expect(explain(new UnreachableError('http://127.0.0.1:3000/x', undefined))).toBe(
      '127.0.0.1:3000 does not answer. Start Regatta with `npm start`, or say where it is with --url.',
    );
  });
});

describe('words', () => {
  it('says durations as people do, and aligns columns without lines', () => {
    expect([0, 59.6, 125, 90_061, null].map(duration)).toEqual(['1s', '1m', '2m 5s', '1d 1h', '–']);
    expect(
      table(
        ['id', 'step'],
        [
          ['a', 1],
          ['long', 22],
        ],
      )
        .split('\n')
        .map((line) => line.trimEnd()),
    ).toEqual(['id    step', 'a     1', 'long  22']);
  });
});

describe('followRun', () => {
  const run = (status: string, step: number) => ({
    id: 'r',
    status,
    progress: { step, maxSteps: 20, epoch: 0, etaSeconds: 5 },
    workers: [{ rank: 0 }, { rank: 1 }],
    metrics: {},
  });
  const time = new Date(0).toISOString();
  const metric = (name: string, step: number, value: number) => ['metric', { name, step, value, time }];
  const messages = [
    ['status', run('running', 0)],
    ['event', { type: 'started', message: 'Training starts on 2 workers.' }],
    metric('train.loss', 10, 6.5),
    metric('validation.mlm.loss', 10, 5.5),
    metric('validation.baseline.mlm.loss', 10, 6.6),
    metric('validation.nsp.loss', 10, 0.69),
    metric('validation.baseline.nsp.loss', 10, Math.LN2),
    metric('train.loss', 11, 6.4),
    ['end', {}],
  ];

  function answer(request: IncomingMessage, response: ServerResponse): void {
    if (!request.url?.endsWith('/stream')) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(run('completed', 20)));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    messages.forEach(([event, data], id) => {
      response.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    });
  }

  it('tells the ledger, progress and each evaluation once, and answers the run as it ended', async () => {
    server = createServer(answer).listen(0, '127.0.0.1');
    await new Promise((resolve) => server?.once('listening', resolve));
    const client = createClient({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    const lines: string[] = [];
    const ended = await followRun(client, 'r', { print: (line) => lines.push(line) });
    expect(ended.status).toBe('completed');
    expect(lines).toContain('started: Training starts on 2 workers.');
    expect(lines.filter((line) => line.startsWith('step 10: '))).toEqual([
      'step 10: masked words 5.500 (unigram floor 6.600) · next sentence 0.690 (guessing 0.693)',
    ]);
  });
});

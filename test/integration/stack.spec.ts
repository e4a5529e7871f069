import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from '@regatta/client';
import type { Page, Run } from '@regatta/contracts';
import { freePort } from '../../tools/net.mjs';
import { isAlive } from '../../tools/processes.mjs';
import { until } from '../support/until.js';

const root = path.resolve(import.meta.dirname, '../..');
const patience = 180_000;

interface Start {
  child: ChildProcess;
  output(): string;
  /** Resolves with the exit code. */
  ended: Promise<number | null>;
}

let folder: string;
const starts: Start[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'regatta-stack-'));
});
afterEach(async () => {
  for (const { child, ended } of starts.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
  }
}, patience);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** `npm start` in a process group of its own, as a terminal gives it. */
function start(env: NodeJS.ProcessEnv): Start {
  const child = spawn(process.execPath, [path.join(root, 'tools/start.mjs'), '--no-build'], {
    cwd: root,
    detached: true,
    env: { ...process.env, NODE_OPTIONS: '', WORKERS: '1', DATA_DIR: path.join(folder, 'data'), ...env },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (text += data));
  const begun = { child, output: () => text, ended: once(child, 'exit').then(([code]) => code as number | null) };
  starts.push(begun);
  return begun;
}

const isUp = ({ output }: Start) => output().includes('Regatta is running.');
const up = (begun: Start) => until(() => isUp(begun), { timeout: patience, what: begun.output });

interface Noted {
  pid: number;
  processStart: string;
  parts: { name: string; pid: number; start: string }[];
}
const noted = (dataDir: string) => JSON.parse(readFileSync(path.join(dataDir, 'lock'), 'utf8')) as Noted;
const alive = ({ pid, processStart, parts }: Noted) => [
  ...(isAlive(pid, processStart) ? ['supervisor'] : []),
  ...parts.filter((part) => isAlive(part.pid, part.start)).map(({ name }) => name),
];

/** Exit code and the lines printed of a start that must fail. */
async function failure(env: NodeJS.ProcessEnv): Promise<{ code: number | null; lines: string[] }> {
  const begun = start(env);
  const code = await begun.ended;
  return { code, lines: begun.output().trim().split('\n') };
}

describe('npm start', () => {
  it('keeps runs through Ctrl-C, leaves no process behind, and says so when it is started twice', async () => {
    const dataDir = path.join(folder, 'data');
    const port = await freePort();
    const client = () => {
      const apiKey = readFileSync(path.join(dataDir, 'api-key'), 'utf8').trim();
      return createClient({ baseUrl: `http://127.0.0.1:${port}`, apiKey });
    };
    // No worker: the run is still queued when everything stops.
    const first = start({ PORT: String(port), WORKERS: '0' });
    await up(first);
    const { data: run } = await client().POST('/api/v1/runs', { body: { task: 'bert-pretrain', dataset: 'brown' } });

    const second = await failure({ PORT: String(await freePort()) });
    expect(second).toMatchObject({ code: 1, lines: [expect.stringContaining('already running')] });
    expect(second.lines[0]).toContain(String(noted(dataDir).pid));

    const before = noted(dataDir);
    expect(alive(before)).toEqual(['supervisor', 'database', 'redis-control', 'redis-gradients', 'api']);
    process.kill(-(first.child.pid as number), 'SIGINT');
    expect(await first.ended).toBe(0);
    expect(alive(before)).toEqual([]);
    expect(existsSync(path.join(dataDir, 'lock'))).toBe(false);
    expect(readFileSync(path.join(dataDir, 'logs/redis-control.log'), 'utf8')).toContain('ready to exit, bye bye');

    await up(start({ PORT: String(port), WORKERS: '0' }));
    const { data } = await client().GET('/api/v1/runs');
    expect((data as Page<Run>).items.map(({ id, status }) => [id, status])).toEqual([[(run as Run).id, 'queued']]);
  }, 600_000);

  it('stops everything when its launcher is killed, and starts again a part that died', async () => {
    const dataDir = path.join(folder, 'killed');
    const begun = start({ PORT: String(await freePort()), DATA_DIR: dataDir });
    await up(begun);
    const before = noted(dataDir);
    const { pid } = before.parts.find(({ name }) => name === 'worker-1') as { pid: number };
    process.kill(pid, 'SIGKILL');
    const again = () => noted(dataDir).parts.find((part) => part.name === 'worker-1' && part.pid !== pid);
    await until(again, { timeout: patience, what: 'another worker' });
    expect(begun.output()).toContain('worker-1 ended (SIGKILL); starting it again');

    const now = noted(dataDir);
    begun.child.kill('SIGKILL');
    await until(() => alive(now).length === 0, { timeout: patience, what: () => alive(now) });
  }, 600_000);

  it('ends what a killed supervisor left behind', async () => {
    const dataDir = path.join(folder, 'left');
    const begun = start({ PORT: String(await freePort()), DATA_DIR: dataDir, WORKERS: '0' });
    await up(begun);
    const before = noted(dataDir);
    process.kill(before.pid, 'SIGKILL');
    await begun.ended;
    expect(alive(before)).not.toEqual([]);
    await up(start({ PORT: String(await freePort()), DATA_DIR: dataDir, WORKERS: '0' }));
    expect(alive(before)).toEqual([]);
  }, 600_000);
});

describe('npm start says in one sentence', () => {
  it('that the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const { code, lines } = await failure({ PORT: String(port), DATA_DIR: path.join(folder, 'port') });
    other.close();
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringContaining(`Port ${port} is in use`)] });
  });

  it('that Redis is too old', async () => {
    const bin = await mkdtemp(path.join(folder, 'bin-'));
    await writeFile(path.join(bin, 'redis-server'), '#!/bin/sh\necho Redis server v=6.0.16 sha=0\n', { mode: 0o755 });
    const env = { PORT: String(await freePort()), DATA_DIR: path.join(folder, 'redis'), PATH: `${bin}:/usr/bin:/bin` };
    const { code, lines } = await failure(env);
    expect({ code, lines }).toEqual({
      code: 1,
      lines: [expect.stringMatching(/^Redis 6\.0\.16 .* is too old: install/)],
    });
  });

  it('which setting is wrong, without its value', async () => {
    const { code, lines } = await failure({ REDIS_URL: 'http://secret@somewhere' });
    expect(code).toBe(1);
    expect(lines.join('\n')).toContain('REDIS_URL: must start with redis:');
    expect(lines.join('\n')).not.toContain('secret');
  });
});

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { freePort } from '../../tools/net.mjs';
import { availableKinds, startDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';

interface Service {
  image?: string;
  command?: string[];
  build?: { target: string };
  environment?: Record<string, string>;
  healthcheck: { test: string[] };
}

const root = path.resolve(import.meta.dirname, '../..');
const services = parse(readFileSync(path.join(root, 'docker-compose.yml'), 'utf8')).services as Record<string, Service>;
const stages = readStages(readFileSync(path.join(root, 'Dockerfile'), 'utf8'));

/** What each stage of a Dockerfile sets and starts, with what it takes over from the stage it is built on. */
function readStages(dockerfile: string): Record<string, { env: Record<string, string>; command: string[] }> {
  const found: ReturnType<typeof readStages> = {};
  let current = { env: {}, command: [] as string[] };
  for (const line of dockerfile.split('\n')) {
    const [, base, name] = /^FROM (\S+) AS (\S+)$/.exec(line) ?? [];
    if (name) found[name] = current = { env: { ...found[base]?.env }, command: found[base]?.command ?? [] };
    const [, pairs] = /^ENV (.+)$/.exec(line) ?? [];
    if (pairs) Object.assign(current.env, Object.fromEntries(pairs.split(' ').map((pair) => pair.split('='))));
    const [, command] = /^CMD (\[.+\])$/.exec(line) ?? [];
    if (command) current.command = JSON.parse(command);
  }
  return found;
}

const running: ChildProcess[] = [];
let folder: string;
let database: TestDatabase;
let ports: Record<'control' | 'gradients' | 'api', number>;

/** The environment of a service's container, with addresses of this machine in place of the network's names. */
function environment(service: Service): NodeJS.ProcessEnv {
  const { env } = stages[service.build?.target ?? ''] ?? { env: {} };
  const values = Object.entries({ ...env, ...service.environment }).map(([name, value]) => [
    name,
    String(value)
      .replace(/^postgresql:\/\/regatta:\$\{POSTGRES_PASSWORD:\?[^}]+\}@postgres:5432\/regatta$/, database.url)
      .replace('redis-control:6379', `127.0.0.1:${ports.control}`)
      .replace('redis-gradients:6379', `127.0.0.1:${ports.gradients}`)
      .replace(/^(file:\/\/)?\/(data|artifacts)$/, `$1${folder}/$2`)
      .replace(/^3000$/, String(ports.api))
      .replace(/^\$\{\w+:-(.*)\}$/, '$1'),
  ]);
  return { PATH: process.env.PATH, ...Object.fromEntries(values) };
}

function start(name: string, command: string[], env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(command[0], command.slice(1), { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += data));
  child.once('exit', (code) => {
    if (code) console.error(`${name} ended with ${code}:\n${output}`);
  });
  running.push(child);
  return child;
}

const stop = async (child: ChildProcess) => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
};

/** Runs a service's health check as docker would. */
function isHealthy(service: Service, more: (word: string) => string = (word) => word): boolean {
  const [kind, ...command] = service.healthcheck.test;
  expect(kind).toBe('CMD');
  const [program, ...args] = command.map(more);
  return spawnSync(program, args, { cwd: root, env: environment(service) }).status === 0;
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'regatta-images-'));
  ports = { control: await freePort(), gradients: await freePort(), api: await freePort() };
  database = await startDatabase(availableKinds().at(-1));
});

afterAll(async () => {
  for (const child of running.toReversed()) await stop(child);
  await database?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('what the images start', () => {
  it.each([
    ['redis-control', 'control'],
    ['redis-gradients', 'gradients'],
  ] as const)('%s answers its health check', async (name, port) => {
    const service = services[name];
    const command = [...(service.command ?? []), '--port', String(ports[port]), '--dir', folder];
    start(name, command, environment(service));
    const check = () =>
      spawnSync('redis-cli', ['-p', String(ports[port]), ...service.healthcheck.test.slice(2)], { encoding: 'utf8' });
    await until(() => check().stdout.trim() === 'PONG', { what: `${name} to answer` });
  });

  it('api migrates a real database, serves, and is healthy by its own check', async () => {
    const { api } = services;
    const onPort = (word: string) => word.replace(':3000/', `:${ports.api}/`);
    expect(isHealthy(api, onPort)).toBe(false);
    start('api', stages.api.command, environment(api));
    await until(() => isHealthy(api, onPort), { what: 'a healthy api' });
    const key = readFileSync(path.join(folder, 'data/api-key'), 'utf8').trim();
    const headers = { authorization: `Bearer ${key}` };
    const me = await fetch(`http://127.0.0.1:${ports.api}/api/v1/me`, { headers });
    expect(await me.json()).toMatchObject({ role: 'admin' });
  });

  it('worker joins, is healthy by its own check, and leaves on SIGTERM', async () => {
    const { worker } = services;
    expect(isHealthy(worker)).toBe(false);
    const child = start('worker', stages.worker.command, environment(worker));
    await until(() => isHealthy(worker), { what: 'a healthy worker' });
    await stop(child);
    expect(child.exitCode).toBe(0);
    expect(isHealthy(worker)).toBe(false);
  });
});

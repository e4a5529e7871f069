import { mkdirSync } from 'node:fs';
import { totalmem } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { answers, freePort } from './net.mjs';
import { Part } from './part.mjs';
import { root } from './paths.mjs';
import { findRedis } from './redis-server.mjs';

/** Parts start in this order, each when those before are ready, and stop in the other. */
const orders = { stores: 0, api: 1, workers: 2 };

/**
 * The programs of an installation with their settings. A part whose address is given (DATABASE_URL, REDIS_URL,
 * GRADIENT_REDIS_URL) runs elsewhere and is not started.
 * @returns {Promise<{parts: Part[], remember: object}>} remember: addresses, kept for the next start
 */
export async function planParts({ config, logs, url, remembered, notice, changed }) {
  const ports = { ...remembered.ports };
  const env = {
    DATA_DIR: config.dataDir,
    HOST: config.host,
    PORT: String(config.port),
    ARTIFACTS_URL: config.artifactsUrl,
    DATABASE_URL: config.databaseUrl,
    REDIS_URL: config.redisUrl,
    GRADIENT_REDIS_URL: config.gradientRedisUrls?.join(','),
  };
  const part = (order, name, command, args, more) =>
    new Part({ name, command, args, env, logs, patience: 15_000, notice, changed, order: orders[order], ...more });

  const stores = [];
  if (!config.databaseUrl) {
    ports.database = await freePort(ports.database);
    env.DATABASE_URL = `postgresql://postgres:postgres@127.0.0.1:${ports.database}/postgres?sslmode=disable`;
    const folder = path.join(config.dataDir, 'postgres');
    const args = [path.join(root, 'tools/database.mjs'), folder, String(ports.database)];
    const ready = () => answers({ port: ports.database });
    stores.push(part('stores', 'database', process.execPath, args, { ready }));
  }
  const redis = !config.redisUrl || !config.gradientRedisUrls ? findRedis() : undefined;
  const startRedis = async (name, settings) => {
    ports[name] = await freePort(ports[name]);
    const args = [...redisSettings(ports[name]), ...settings];
    const ready = () => answers({ port: ports[name], send: 'PING\r\n', expect: '+PONG' });
    stores.push(part('stores', name, redis.command, args, { env: redis.env, ready }));
    return `redis://127.0.0.1:${ports[name]}`;
  };
  if (!config.redisUrl) env.REDIS_URL = await startRedis('redis-control', durable(config.dataDir));
  if (!config.gradientRedisUrls) {
    const socket = socketIn(config.dataDir);
    const url = await startRedis('redis-gradients', [...volatile, ...(socket?.settings ?? [])]);
    env.GRADIENT_REDIS_URL = socket?.url ?? url;
  }

  const program = (name) => [path.join(root, `apps/${name}/dist/main.js`)];
  const api = part('api', 'api', process.execPath, program('api'), { ready: () => isReady(url) });
  const workers = Array.from({ length: config.workers }, (_, i) =>
    part('workers', `worker-${i + 1}`, process.execPath, program('worker'), { ready: async () => true }),
  );
  const { DATABASE_URL, REDIS_URL, GRADIENT_REDIS_URL } = env;
  return { parts: [...stores, api, ...workers], remember: { ports, url, DATABASE_URL, REDIS_URL, GRADIENT_REDIS_URL } };
}

const redisSettings = (port) => ['--port', String(port), '--bind', '127.0.0.1', '--maxmemory-policy', 'noeviction'];

/** What the control Redis has confirmed is on the disk: queues, run states and the stream of metrics live there. */
function durable(dataDir) {
  const dir = path.join(dataDir, 'redis');
  mkdirSync(dir, { recursive: true });
  return ['--dir', dir, '--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
}

/** Gradients of the step that is being computed: worth nothing after a restart, and never more than half of the memory. */
const volatile = ['--appendonly', 'no', '--save', '', '--maxmemory', String(Math.floor(totalmem() / 2))];

/** Where the gradients pass: a Unix socket costs less than the loopback interface. undefined: the system allows no path as long as this one. */
function socketIn(dataDir) {
  const file = path.join(path.resolve(dataDir), 'redis-gradients.sock');
  if (Buffer.byteLength(file) > 100) return undefined;
  const settings = ['--unixsocket', file, '--unixsocketperm', '700'];
  // a comma separates addresses
  return { settings, url: `unix://${pathToFileURL(file).pathname.replaceAll(',', '%2C')}` };
}

async function isReady(url) {
  try {
    const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2000) });
    return answer.ok;
  } catch {
    return false;
  }
}

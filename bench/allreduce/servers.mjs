import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../free-port.mjs';

/** The Redis servers of an installation, `count` of them for gradients, with the settings that `npm start` gives them, each with a Unix socket as well. */
export async function startServers(count) {
  const folder = await mkdtemp(join(tmpdir(), 'regatta-bench-'));
  const control = await startServer(folder, 'control', ['--appendonly', 'yes', '--appendfsync', 'always']);
  const names = Array.from({ length: count }, (_, i) => `gradients-${i}`);
  const gradients = await Promise.all(names.map((name) => startServer(folder, name, ['--appendonly', 'no'])));
  const stop = async () => {
    for (const server of [control, ...gradients]) {
      server.redis.disconnect();
      server.process.kill('SIGKILL');
    }
    await rm(folder, { recursive: true, force: true });
  };
  return { control, gradients, stop };
}

async function startServer(folder, name, settings) {
  const port = await freePort();
  const socket = join(folder, `${name}.sock`);
  const files = ['--dir', folder, '--appenddirname', name, '--save', ''];
  const server = spawn('redis-server', ['--port', port, '--unixsocket', socket, ...files, ...settings].map(String), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const text of server.stdout) {
    if (String(text).includes('Ready to accept connections')) {
      break;
    }
  }
  server.stdout.resume();
  const url = `redis://127.0.0.1:${port}`;
  return { url, socket, process: server, redis: new Redis(url) };
}

/** Processor time that a server has used, in ms. */
export async function cpuMs(redis) {
  const info = await redis.info('cpu');
  return ['user', 'sys'].reduce(
    (sum, kind) => sum + 1e3 * Number(new RegExp(`used_cpu_${kind}:([\\d.]+)`).exec(info)[1]),
    0,
  );
}

/** The most memory that a server has held, and what it holds now, in bytes. */
export async function memory(redis) {
  const info = await redis.info('memory');
  const [peak, now] = ['used_memory_peak', 'used_memory'].map((field) =>
    Number(new RegExp(`${field}:(\\d+)`).exec(info)[1]),
  );
  return { peak, now };
}

/** Bytes that a server has read from its connections so far. */
export async function bytesReceived(redis) {
  return Number(/total_net_input_bytes:(\d+)/.exec(await redis.info('stats'))[1]);
}

/** Asks a child and waits for its answer; throws when it ends instead. */
export async function ask(child, message) {
  const over = new AbortController();
  const { signal } = over;
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`a rank ended with ${code}`);
  });
  child.send(message);
  const [answer] = await Promise.race([once(child, 'message', { signal }), ended]);
  over.abort();
  ended.catch(() => {});
  return answer;
}

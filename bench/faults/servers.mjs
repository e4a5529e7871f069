import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startProxy } from '../../test/support/proxy.mjs';
import { findRedis } from '../../tools/redis-server.mjs';
import { freePort } from '../free-port.mjs';

/** A Redis server behind a proxy, to be restarted and cut off. `durable`: with an append-only file, as the control server has. */
async function startRedis(durable) {
  const { command, env } = findRedis();
  const folder = await mkdtemp(path.join(tmpdir(), 'regatta-redis-'));
  const port = await freePort();
  const settings = {
    port,
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    appendonly: durable ? 'yes' : 'no',
    appendfsync: 'always',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const start = async () => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const text of child.stdout.iterator({ destroyOnReturn: false }))
      if (String(text).includes('Ready to accept connections')) break;
    child.stdout.resume();
    return child;
  };
  let server = await start();
  const kill = async () => {
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  };
  const proxy = await startProxy(`redis://127.0.0.1:${port}`);
  return {
    url: proxy.url,
    unreachable: proxy.unreachable,
    restart: async () => {
      await kill();
      server = await start();
    },
    stop: async () => {
      await kill();
      await proxy.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Both Redis servers. */
export async function startServers() {
  const [control, gradients] = await Promise.all([startRedis(true), startRedis(false)]);
  return { control, gradients, stop: () => Promise.all([control.stop(), gradients.stop()]) };
}

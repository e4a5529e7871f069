import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestRedis {
  url: string;
  /** Path of its Unix socket. */
  socket: string;
  /** Of the server as it runs now. */
  readonly process: ChildProcess;
  /** Kills the server and starts it again at the same address, with what its append-only file holds. */
  restart(): Promise<void>;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
}

/** Starts a `redis-server` of its own on a free port and a Unix socket. `aof`: with an append-only file, as the control server has. */
export async function startRedis({ aof = false }: { aof?: boolean } = {}): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'regatta-redis-'));
  const socket = join(folder, 'redis.sock');
  const port = await freePort();
  const settings = {
    port,
    unixsocket: socket,
    dir: folder,
    save: '',
    appendonly: aof ? 'yes' : 'no',
    appendfsync: 'always',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const start = async (): Promise<ChildProcess> => {
    const started = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await ready(started);
    return started;
  };
  let server = await start();
  const kill = async (): Promise<void> => {
    if (server.exitCode === null && server.signalCode === null) {
      const exited = once(server, 'exit');
      server.kill('SIGKILL');
      await exited;
    }
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    socket,
    get process() {
      return server;
    },
    restart: async () => {
      await kill();
      server = await start();
    },
    stop: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when the server says that it accepts connections; rejects with what it printed if it ends before. */
function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let printed = '';
    server.stdout?.on('data', (text: Buffer) => {
      printed += text.toString();
      if (printed.includes('Ready to accept connections')) {
        resolve();
      }
    });
    server.on('error', reject);
    server.on('exit', (code) => reject(new Error(`redis-server ended with ${code}:\n${printed}`)));
  });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') {
    throw new Error('the probe has no port');
  }
  return address.port;
}

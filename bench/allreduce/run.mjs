// All-reduce through Redis beside Gloo, on this machine, in one run, alternating.
//   npm run build && node bench/allreduce/run.mjs [--ranks 2] [--tcp]        PYTHON=… names a Python that has PyTorch
import { fork, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { crc32 } from 'node:zlib';
import { Membership } from '@regatta/collective';
import { Redis } from 'ioredis';
import { pythonWithTorch } from '../python.mjs';

const { values: args } = parseArgs({
  options: {
    ranks: { type: 'string', default: '2' },
    chunk: { type: 'string', default: '65536' },
    tcp: { type: 'boolean', default: false },
  },
});
const ranks = Number(args.ranks);
const sizes = [11_000_000, 1_000_000];
const [warmup, rounds, turns, shards] = [5, 10, 3, 8];
/** The most that ours may take: four times Gloo, and 10 ms for the commit, which waits for the disk and which Gloo does not have. */
const target = (gloo) => 4 * gloo + 10;

const [load] = loadavg();
const folder = await mkdtemp(join(tmpdir(), 'regatta-bench-'));
const control = await startServer('control', ['--appendonly', 'yes', '--appendfsync', 'always']);
const gradient = await startServer('gradient', []);
const redis = new Redis(control.url);
const python = pythonWithTorch();
let missed = false;
try {
  const rows = [];
  for (const floats of sizes) {
    const took = { redis: [], gloo: [] };
    for (let turn = 0; turn < turns; turn += 1) {
      took.gloo.push(...gloo(floats));
      took.redis.push(...(await throughRedis(floats)));
    }
    rows.push({ floats, redis: spread(took.redis), gloo: spread(took.gloo) });
  }
  const figures = ({ median, low, high }) => `${median.toFixed(1)} (${low.toFixed(1)}–${high.toFixed(1)})`;
  console.log(
    `${ranks} ranks, ${cpus().length} × ${cpus()[0].model}; load before ${load.toFixed(1)}; median (10th–90th percentile), ms`,
  );
  console.log(
    '| vector | Regatta through Redis | checksums in it | Gloo | target (4 × Gloo + 10) |\n|---|---|---|---|---|',
  );
  for (const { floats, redis: ours, gloo: theirs } of rows) {
    const most = target(theirs.median);
    missed ||= ours.median > most;
    const cells = [`${(floats * 4) / 1e6} MB`, figures(ours), checksums(floats).toFixed(1), figures(theirs)];
    console.log(`| ${cells.join(' | ')} | ≤ ${most.toFixed(1)} |`);
  }
  console.log(
    `all-reduce, ${ranks} ranks: ${rows
      .map(({ floats, redis: ours, gloo: theirs }) => {
        return `${(floats * 4) / 1e6} MB in ${ours.median.toFixed(1)} ms (Gloo ${theirs.median.toFixed(1)} ms)`;
      })
      .join(', ')}${missed ? ', slower than the target' : ''}`,
  );
} finally {
  redis.disconnect();
  control.process.kill('SIGKILL');
  gradient.process.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = missed ? 1 : 0;

/** Milliseconds of each round at rank 0. */
async function throughRedis(floats) {
  const runId = randomUUID();
  const membership = new Membership(redis);
  const { generation } = await membership.open(runId, 0, { minWorkers: ranks, maxWorkers: ranks, reason: 'benchmark' });
  for (let rank = 0; rank < ranks; rank += 1) {
    const member = { memberId: `m${rank}`, workerId: `w${rank}`, host: 'localhost', fingerprint: 'bench' };
    await membership.claim(runId, generation, member);
  }
  await membership.start(runId, generation);
  const children = Array.from({ length: ranks }, (_, rank) => {
    const options = {
      control: control.url,
      gradientUrls: [args.tcp ? gradient.url : gradient.socket],
      runId,
      generation,
      rank,
      worldSize: ranks,
      shards,
      memberId: `m${rank}`,
      chunkFloats: Number(args.chunk),
    };
    return fork(fileURLToPath(new URL('rank.mjs', import.meta.url)), [
      JSON.stringify({ options, floats, warmup, rounds }),
    ]);
  });
  const answers = children.map(async (child) => {
    const [message] = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`a rank ended with ${code}`);
      }),
    ]);
    return message;
  });
  const [{ rounds: took }] = await Promise.all(answers);
  await membership.drop(runId);
  return took;
}

/** Milliseconds that one of two ranks spends on checksums: of a vector that it sends and one that it reads. */
function checksums(floats) {
  const chunk = new Uint8Array(4 * Number(args.chunk)).fill(7);
  const count = Math.ceil((2 * floats) / Number(args.chunk));
  const took = Array.from({ length: 5 }, () => {
    const started = performance.now();
    for (let i = 0; i < count; i += 1) {
      crc32(chunk);
    }
    return performance.now() - started;
  });
  return spread(took).median;
}

function gloo(floats) {
  const script = fileURLToPath(new URL('gloo.py', import.meta.url));
  const { status, stdout } = spawnSync(python, [script, ranks, floats, warmup, rounds].map(String), {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) {
    throw new Error(`gloo.py ended with ${status}`);
  }
  return JSON.parse(stdout.trim().split('\n').at(-1)).rounds;
}

function spread(took) {
  const sorted = [...took].sort((a, b) => a - b);
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  return { median: at(0.5), low: at(0.1), high: at(0.9) };
}

async function startServer(name, settings) {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
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
  return { url: `redis://127.0.0.1:${port}`, socket, process: server };
}

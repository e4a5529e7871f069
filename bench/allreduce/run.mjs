// All-reduce through Redis beside Gloo, on this machine, in one run, taking turns round by round.
//   npm run build && node bench/allreduce/run.mjs [--ranks 2,4] [--floats 11000000,1000000] [--compression none,bf16,int8] [--rounds 20] [--chunk 65536] [--tcp]
// The first case is measured with two gradient servers as well, each of which must then read half the bytes.
// PYTHON=… names a Python that has PyTorch
import { fork, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { cpus, loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gradientTraffic, Membership } from '@regatta/collective';
import { pythonWithTorch } from '../python.mjs';
import { formatOf } from './format.mjs';
import { ask, bytesReceived, cpuMs, memory, startServers } from './servers.mjs';

const { values: args } = parseArgs({
  options: {
    ranks: { type: 'string', default: '2,4' },
    floats: { type: 'string', default: '11000000,1000000' },
    compression: { type: 'string', default: 'none,bf16,int8' },
    rounds: { type: 'string', default: '20' },
    chunk: { type: 'string' },
    tcp: { type: 'boolean', default: false },
  },
});
const numbers = (text) => text.split(',').map(Number);
const [warmup, rounds, shards] = [15, Number(args.rounds), 8];
/** The most of Gloo's time that ours may take at 44 MB, by ranks; a smaller vector has no target: the commit waits for the disk, and Gloo has none. */
const targets = { none: { 2: 1.6, 4: 2 }, bf16: { 2: 1.1 }, int8: {} };
/** Of the bytes that one gradient server reads, the most that each of two may. */
const mostOfHalf = 0.52;
const python = pythonWithTorch();

console.log(
  `${cpus().length} × ${cpus()[0].model}; load before ${loadavg()[0].toFixed(1)}; medians (10th–90th percentile)`,
);
console.log(
  '| ranks | vector | compression | gradient servers | Regatta through Redis, ms | Gloo, ms | times Gloo | target | processor time, ms: ours (Redis), Gloo | most in Redis, of a step | read by each server a step |',
);
console.log('|---|---|---|---|---|---|---|---|---|---|---|');
const rows = [];
for (const ranks of numbers(args.ranks)) {
  for (const floats of numbers(args.floats)) {
    for (const compression of args.compression.split(',')) {
      rows.push(await compare({ ranks, floats, compression, serverCount: 1 }));
      if (rows.length === 1) {
        rows.push(await compare({ ranks, floats, compression, serverCount: 2, alone: rows[0].read[0] }));
      }
    }
  }
}
const missed = rows.some((row) => row.missed);
console.log(
  `all-reduce: ${rows.map(({ text }) => text).join('; ')}${missed ? '; a target is missed' : ''}; load after ${loadavg()[0].toFixed(1)}`,
);
process.exitCode = missed ? 1 : 0;

async function compare(row) {
  const { ranks, floats, serverCount } = row;
  const servers = await startServers(serverCount);
  const gradients = servers.gradients.map(({ redis }) => redis);
  const theirs = startGloo(ranks, floats);
  try {
    const ours = await startRanks(servers, row);
    const took = { ours: [], theirs: [], oursCpu: [], redisCpu: [], theirsCpu: [] };
    let readBefore = [];
    for (let round = 0; round < warmup + rounds; round += 1) {
      if (round === warmup) {
        readBefore = await Promise.all(gradients.map(bytesReceived));
      }
      const gloo = await theirs.round();
      const before = sum(await Promise.all(gradients.map(cpuMs)));
      const answers = await Promise.all(ours.children.map((child) => ask(child, 'go')));
      const redisCpu = sum(await Promise.all(gradients.map(cpuMs))) - before;
      if (round >= warmup) {
        took.theirs.push(gloo.ms);
        took.theirsCpu.push(gloo.cpuMs);
        took.ours.push(answers[0].ms);
        took.redisCpu.push(redisCpu);
        took.oursCpu.push(redisCpu + sum(answers.map((answer) => answer.cpuMs)));
      }
    }
    const peak = sum((await Promise.all(gradients.map(memory))).map((each) => each.peak));
    const read = (await Promise.all(gradients.map(bytesReceived))).map((now, i) => (now - readBefore[i]) / rounds);
    await ours.end();
    return print(row, took, peak, read);
  } finally {
    theirs.end();
    await servers.stop();
  }
}

function print({ ranks, floats, compression, serverCount, alone }, took, peak, read) {
  const [ours, theirs] = [spread(took.ours), spread(took.theirs)];
  const ratio = ours.median / theirs.median;
  const target = floats >= 1e7 && serverCount === 1 ? targets[compression][ranks] : undefined;
  const figures = ({ median, low, high }) => `${median.toFixed(1)} (${low.toFixed(1)}–${high.toFixed(1)})`;
  const middle = (values) => spread(values).median.toFixed(0);
  const format = formatOf(compression, floats);
  const chunkFloats = Number(args.chunk ?? format.chunkFloats);
  const step = gradientTraffic({ floats, chunkFloats, shards, worldSize: ranks, format }).server.received;
  const halves = alone === undefined || read.every((bytes) => bytes < mostOfHalf * alone);
  const tooSlow = target !== undefined && ratio > target;
  const cells = [
    ranks,
    `${(floats * 4) / 1e6} MB`,
    compression,
    serverCount,
    figures(ours),
    figures(theirs),
    ratio.toFixed(2),
    target ? `≤ ${target}${tooSlow ? ' MISSED' : ''}` : '',
    `${middle(took.oursCpu)} (${middle(took.redisCpu)}), ${middle(took.theirsCpu)}`,
    `${(peak / 1e6).toFixed(0)} MB, ${(peak / step).toFixed(2)}`,
    `${read.map((bytes) => (bytes / 1e6).toFixed(1)).join(' and ')} MB${halves ? '' : ' NOT HALF: MISSED'}`,
  ];
  console.log(`| ${cells.join(' | ')} |`);
  const text = `${ranks} ranks ${cells[1]} ${compression}${serverCount > 1 ? `, ${serverCount} servers,` : ''} in ${ours.median.toFixed(1)} ms, ${ratio.toFixed(2)} × Gloo's ${theirs.median.toFixed(1)}`;
  return { text, missed: tooSlow || !halves, read };
}

async function startRanks({ control, gradients }, { ranks, floats, compression }) {
  const runId = randomUUID();
  const membership = new Membership(control.redis);
  const { generation } = await membership.open(runId, 0, { minWorkers: ranks, maxWorkers: ranks, reason: 'benchmark' });
  for (let rank = 0; rank < ranks; rank += 1) {
    const member = { memberId: `m${rank}`, workerId: `w${rank}`, host: 'localhost', fingerprint: 'bench' };
    await membership.claim(runId, generation, member);
  }
  await membership.start(runId, generation);
  const children = Array.from({ length: ranks }, (_, rank) => {
    const options = {
      control: control.url,
      gradientUrls: gradients.map(({ url, socket }) => (args.tcp ? url : socket)),
      runId,
      generation,
      rank,
      worldSize: ranks,
      shards,
      memberId: `m${rank}`,
      chunkFloats: args.chunk && Number(args.chunk),
    };
    const setting = { options, floats, compression };
    return fork(fileURLToPath(new URL('rank.mjs', import.meta.url)), [JSON.stringify(setting)]);
  });
  const end = async () => {
    const ended = children.map((child) => once(child, 'exit'));
    for (const child of children) {
      child.send('end');
    }
    await Promise.all(ended);
    await membership.drop(runId);
  };
  return { children, end };
}

function startGloo(ranks, floats) {
  const script = fileURLToPath(new URL('gloo.py', import.meta.url));
  const child = spawn(python, [script, ranks, floats].map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const round = async () => {
    child.stdin.write('go\n');
    const { value, done } = await lines.next();
    if (done) {
      throw new Error('gloo.py has ended');
    }
    return JSON.parse(value);
  };
  return { round, end: () => child.stdin.end('end\n') };
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

function spread(took) {
  const sorted = [...took].sort((a, b) => a - b);
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  return { median: at(0.5), low: at(0.1), high: at(0.9) };
}

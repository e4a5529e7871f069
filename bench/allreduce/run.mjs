// All-reduce through Redis beside Gloo, on this machine, in one run, taking turns round by round.
//   npm run build && node bench/allreduce/run.mjs [--ranks 2,4] [--floats 11000000,1000000] [--rounds 20] [--chunk 65536] [--tcp]
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
import { ask, cpuMs, memory, startServers } from './servers.mjs';

const { values: args } = parseArgs({
  options: {
    ranks: { type: 'string', default: '2,4' },
    floats: { type: 'string', default: '11000000,1000000' },
    rounds: { type: 'string', default: '20' },
    chunk: { type: 'string' },
    tcp: { type: 'boolean', default: false },
  },
});
const numbers = (text) => text.split(',').map(Number);
const [warmup, rounds, shards] = [15, Number(args.rounds), 8];
/** The most of Gloo's time that ours may take at 44 MB, by ranks; a smaller vector has no target: the commit waits for the disk, and Gloo has none. */
const targets = { 2: 1.6, 4: 2 };
const python = pythonWithTorch();

console.log(
  `${cpus().length} × ${cpus()[0].model}; load before ${loadavg()[0].toFixed(1)}; medians (10th–90th percentile)`,
);
console.log(
  '| ranks | vector | Regatta through Redis, ms | Gloo, ms | times Gloo | target | processor time, ms: ours (Redis), Gloo | most in Redis, of a step |',
);
console.log('|---|---|---|---|---|---|---|---|');
const rows = [];
for (const ranks of numbers(args.ranks)) {
  for (const floats of numbers(args.floats)) {
    rows.push(await compare(ranks, floats));
  }
}
const missed = rows.some((row) => row.missed);
console.log(
  `all-reduce: ${rows.map(({ text }) => text).join('; ')}${missed ? '; slower than the target' : ''}; load after ${loadavg()[0].toFixed(1)}`,
);
process.exitCode = missed ? 1 : 0;

async function compare(ranks, floats) {
  const servers = await startServers();
  const theirs = startGloo(ranks, floats);
  try {
    const ours = await startRanks(servers, ranks, floats);
    const took = { ours: [], theirs: [], oursCpu: [], redisCpu: [], theirsCpu: [] };
    for (let round = 0; round < warmup + rounds; round += 1) {
      const gloo = await theirs.round();
      const before = await cpuMs(servers.gradients.redis);
      const answers = await Promise.all(ours.children.map((child) => ask(child, 'go')));
      const redisCpu = (await cpuMs(servers.gradients.redis)) - before;
      if (round >= warmup) {
        took.theirs.push(gloo.ms);
        took.theirsCpu.push(gloo.cpuMs);
        took.ours.push(answers[0].ms);
        took.redisCpu.push(redisCpu);
        took.oursCpu.push(redisCpu + answers.reduce((sum, answer) => sum + answer.cpuMs, 0));
      }
    }
    const { peak } = await memory(servers.gradients.redis);
    await ours.end();
    return print(ranks, floats, took, peak);
  } finally {
    theirs.end();
    await servers.stop();
  }
}

function print(ranks, floats, took, peak) {
  const [ours, theirs] = [spread(took.ours), spread(took.theirs)];
  const ratio = ours.median / theirs.median;
  const target = floats >= 1e7 ? targets[ranks] : undefined;
  const figures = ({ median, low, high }) => `${median.toFixed(1)} (${low.toFixed(1)}–${high.toFixed(1)})`;
  const middle = (values) => spread(values).median.toFixed(0);
  const step = gradientTraffic({ floats, chunkFloats: Number(args.chunk ?? 65536), shards, worldSize: ranks }).server
    .received;
  const cells = [
    ranks,
    `${(floats * 4) / 1e6} MB`,
    figures(ours),
    figures(theirs),
    ratio.toFixed(2),
    target ? `≤ ${target}${ratio > target ? ' MISSED' : ''}` : '',
    `${middle(took.oursCpu)} (${middle(took.redisCpu)}), ${middle(took.theirsCpu)}`,
    `${(peak / 1e6).toFixed(0)} MB, ${(peak / step).toFixed(2)}`,
  ];
  console.log(`| ${cells.join(' | ')} |`);
  const text = `${ranks} ranks ${cells[1]} in ${ours.median.toFixed(1)} ms, ${cells[4]} × Gloo's ${theirs.median.toFixed(1)}`;
  return { text, missed: target !== undefined && ratio > target };
}

async function startRanks({ control, gradients }, ranks, floats) {
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
      gradientUrls: [args.tcp ? gradients.url : gradients.socket],
      runId,
      generation,
      rank,
      worldSize: ranks,
      shards,
      memberId: `m${rank}`,
      chunkFloats: args.chunk && Number(args.chunk),
    };
    return fork(fileURLToPath(new URL('rank.mjs', import.meta.url)), [JSON.stringify({ options, floats })]);
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

function spread(took) {
  const sorted = [...took].sort((a, b) => a - b);
  const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
  return { median: at(0.5), low: at(0.1), high: at(0.9) };
}

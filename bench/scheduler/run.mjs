// The real scheduler (agents, coordinators, BullMQ, Redis with its append-only file) with 1,000 runs on 200 workers whose trainers only sleep, and die;
// whole hosts are killed on the way. Beside it an offline greedy packing of the same runs that nothing disturbs.
//   npm run bench:scheduler [-- --runs 1000 --workers 200 --hosts 8 --seconds 20 --mtbf 300]
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  bullPrefix,
  isFinished,
  jobNames,
  keys,
  newId,
  queueNames,
  reconcileOptions,
  runConfig,
} from '@regatta/contracts';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { findRedis } from '../../tools/redis-server.mjs';
import { freePort } from '../free-port.mjs';
import { pack } from './greedy.mjs';

const numbers = { runs: '1000', workers: '200', hosts: '8', seconds: '20', mtbf: '300' };
const options = Object.fromEntries(
  Object.entries(numbers).map(([name, value]) => [name, { type: 'string', default: value }]),
);
const {
  runs: count,
  workers,
  hosts,
  seconds,
  mtbf,
} = Object.fromEntries(Object.entries(parseArgs({ options }).values).map(([name, value]) => [name, Number(value)]));
/** Of the greedy packing's utilisation; and no run waits longer than this many times its longest wait. */
const target = { utilisation: 0.95, wait: 1.25 };
const sizes = [
  [1, 1],
  [1, 1],
  [2, 2],
  [2, 2],
  [4, 4],
  [8, 8],
  [1, 4],
  [16, 16],
];

if (workers % hosts !== 0) throw new Error('--workers must be a multiple of --hosts');
const fitting = sizes.filter(([min]) => min <= workers);

const [load] = loadavg();
const folder = await mkdtemp(path.join(tmpdir(), 'regatta-bench-'));
const port = await freePort();
const { command, env } = findRedis();
const server = spawn(
  command,
  ['--port', port, '--dir', folder, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always'].map(String),
  {
    env: { ...process.env, ...env },
    stdio: 'ignore',
  },
);
const redisUrl = `redis://127.0.0.1:${port}`;
const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
redis.on('error', () => {});
const queue = new Queue(queueNames.runs, { connection: redis, prefix: bullPrefix });

queue.on('error', () => {});
const lives = new Set();
async function startHost() {
  const settings = { workers: workers / hosts, redisUrl, mtbf };
  const host = fork(new URL('./host.mjs', import.meta.url), [JSON.stringify(settings)]);
  lives.add(host);
  host.once('exit', () => lives.delete(host));
  const [said] = await Promise.race([once(host, 'message'), once(host, 'exit')]);
  if (typeof said === 'number') throw new Error(`a host ended with ${said}`);
  return host;
}

/** The same list every time: gangs of 1 to 16, half to one and a half times the mean length. */
function makeRuns() {
  return Array.from({ length: count }, (_, i) => {
    const [min, max] = fitting[(i * 5) % fitting.length];
    const length = seconds * (0.5 + ((i * 0.618034) % 1));
    return { min, max, work: length * ((min + max) / 2) };
  });
}

async function submit({ min, max, work }) {
  const runId = newId();
  const config = runConfig.parse({
    name: `sleeps ${Math.round(work * 1000)}`,
    task: 'bert-pretrain',
    dataset: 'none',
    training: { maxSteps: 10, maxRestarts: 20, globalBatchSize: 16 },
    distributed: { minWorkers: min, maxWorkers: max, logicalShards: 16 },
  });
  const dataset = { id: newId(), name: 'none', version: 1, sha256: '', kind: 'text' };
  const spec = { runId, config, dataset, base: null, createdAt: new Date().toISOString() };
  await redis
    .multi()
    .set(keys.spec(runId), JSON.stringify(spec))
    .hset(keys.desired(runId), { state: 'running', priority: 0 })
    .zadd(keys.activeRuns, Date.parse(spec.createdAt), runId)
    .exec();
  await queue.add(jobNames.runs, { runId }, reconcileOptions(runId));
}

/** What the stream says: when each run first started, how it ended, how often it was interrupted; seconds that gangs took to gather, and to be whole again. */
async function readLedger() {
  const seen = new Map();
  for (const [, [, json]] of await redis.xrange(keys.stream, '-', '+')) {
    const entry = JSON.parse(json);
    const of = seen.get(entry.runId) ?? { interruptions: 0, gathered: [], recovered: [] };
    seen.set(entry.runId, of);
    const time = Date.parse(entry.time);
    if (entry.event === 'gathering') of.gathering = time;
    if (entry.event === 'started') {
      of.started ??= time;
      of.gathered.push((time - of.gathering) / 1000);
    }
    if (entry.event === 'recovering') of.interruptions += 1;
    if (entry.event === 'resumed') of.recovered.push(entry.data.resumedAfterSeconds);
    if (entry.type === 'state' && isFinished(entry.status)) of.status = entry.status;
    if (entry.type === 'state' && entry.status === 'completed') of.ended ??= time;
  }
  return [...seen.values()];
}

/** "median and 95th percentile" of seconds. */
function spread(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]?.toFixed(2) ?? '–';
  return `${at(0.5)} s, 95 % within ${at(0.95)} s`;
}

try {
  const gangs = await Promise.all(Array.from({ length: hosts }, startHost));
  const runs = makeRuns();
  const work = runs.reduce((sum, run) => sum + run.work, 0);
  const greedy = pack(runs, workers);
  console.error(
    `${count} runs, ${workers} workers on ${hosts} hosts; the greedy packing takes ${greedy.makespan.toFixed(0)} s`,
  );
  const begun = Date.now();
  // the greedy packing has them all from the beginning
  await Promise.all(runs.map(submit));
  const kills = [0.25, 0.6].map((share) => begun + share * greedy.makespan * 1000);
  const giveUp = begun + 3 * greedy.makespan * 1000 + 60_000;
  for (let told = 0; ; await sleep(500)) {
    const left = await redis.zcard(keys.activeRuns);
    if (left === 0 || Date.now() > giveUp) break;
    if (Date.now() > kills[0]) {
      kills.shift();
      gangs.shift().kill('SIGKILL');
      gangs.push(await startHost());
    }
    if (Date.now() - told > 30_000) {
      told = Date.now();
      const beats = (await redis.hvals(keys.workers)).map((json) => JSON.parse(json));
      const training = beats.filter(({ status, beat }) => status === 'training' && told - beat < 3000).length;
      console.error(`${((told - begun) / 1000).toFixed(0)} s: ${left} runs left, ${training} workers train`);
    }
  }
  const ledger = await readLedger();
  const completed = ledger.filter(({ status }) => status === 'completed');
  const makespan = (Math.max(...completed.map(({ ended }) => ended)) - begun) / 1000;
  const longest = Math.max(...ledger.map(({ started }) => (started ?? Date.now()) - begun)) / 1000;
  const use = (span) => work / (workers * span);
  const rows = [
    {
      scheduler: 'Regatta',
      'completed runs': completed.length,
      'all done after s': makespan,
      utilisation: use(makespan),
      'longest wait s': longest,
    },
    {
      scheduler: 'greedy, offline',
      'completed runs': count,
      'all done after s': greedy.makespan,
      utilisation: use(greedy.makespan),
      'longest wait s': greedy.longestWait,
    },
  ].map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        Number.isInteger(value) || typeof value === 'string' ? value : Number(value.toFixed(3)),
      ]),
    ),
  );
  console.table(rows);
  console.error(
    `a gang gathers in ${spread(ledger.flatMap(({ gathered }) => gathered))}; after an interruption it trains again in ` +
      `${spread(ledger.flatMap(({ recovered }) => recovered))}`,
  );
  const share = use(makespan) / use(greedy.makespan);
  const interruptions = ledger.reduce((sum, run) => sum + run.interruptions, 0);
  const ok = completed.length === count && share >= target.utilisation && longest <= greedy.longestWait * target.wait;
  console.log(
    `${ok ? 'ok' : 'MISSED'}: ${completed.length} of ${count} runs completed through ${interruptions} interruptions; ${(share * 100).toFixed(1)} % of the greedy ` +
      `utilisation (target ${target.utilisation * 100} %), longest wait ${(longest / greedy.longestWait).toFixed(2)} times the greedy one (target ${target.wait}); ` +
      `load average at the start ${load.toFixed(1)}`,
  );
  process.exitCode = ok ? 0 : 1;
} finally {
  for (const host of lives) host.kill('SIGKILL');
  await queue.close();
  redis.disconnect();
  server.kill('SIGKILL');
  await once(server, 'exit');
  await rm(folder, { recursive: true, force: true });
}

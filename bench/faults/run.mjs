// The recovery scorecard: the same bert-debug run (dropout on) through the whole system (API, queue, agents, trainers, Redis), undisturbed
// and once for each fault. Losses of every step and the weights must be the undisturbed run's, bit for bit.
//   npm run bench:faults [-- --steps 150 --only "SIGKILL trainer"]
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { answer, createClient } from '@regatta/client';
import { startStack } from '../../tools/stack.mjs';
import { freePort } from '../free-port.mjs';

const { values: args } = parseArgs({
  options: { steps: { type: 'string', default: '150' }, only: { type: 'string' } },
});
const steps = Number(args.steps);
const workers = 3;
/** The step at which things happen. */
const struck = Math.floor(steps / 4);

const dataDir = await mkdtemp(path.join(tmpdir(), 'regatta-bench-'));
const [load] = loadavg();
const stack = await startStack({
  env: { DATA_DIR: dataDir, PORT: String(await freePort()), WORKERS: String(workers), LOG_LEVEL: 'warn' },
});
const client = createClient({ baseUrl: stack.url, apiKey: stack.apiKey() });

/** Looks until it sees something. A server that is away while it looks is looked for again. */
async function until(look, seconds = 120) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(100)) {
    const seen = await look().catch(() => null);
    if (seen) return seen;
  }
  throw new Error(`waited ${seconds} s in vain for: ${look}`);
}

const get = (id) => answer(client.GET('/api/v1/runs/{id}', { params: { path: { id } } }));
const post = (id, what, body) => answer(client.POST(`/api/v1/runs/{id}/${what}`, { params: { path: { id } }, body }));
const events = async (id) =>
  (await answer(client.GET('/api/v1/runs/{id}/events', { params: { path: { id }, query: { limit: 200 } } }))).items;
const reached = (id, step) => until(async () => (await get(id)).progress.step >= step);
const status = (id, wanted) => until(async () => (await get(id)).status === wanted);
const trainsOn = (id, count) =>
  until(async () => {
    const run = await get(id);
    return run.status === 'running' && run.workers.length === count;
  });
const idleWorkers = () =>
  until(async () => {
    const { items } = await answer(client.GET('/api/v1/workers'));
    return items.filter((worker) => worker.status === 'idle').length >= workers;
  });

/** A worker's id carries its process. */
const agentOf = async (id, rank) => Number((await get(id)).workers[rank].workerId.split('-').at(-2));
/** The trainer is the child of an agent that was started with the run's id. */
function trainerOf(id, agent) {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  const found = lines
    .map((line) => line.trim().split(/\s+/))
    .find(([, ppid, ...rest]) => {
      return Number(ppid) === agent && rest.includes('trainer') && rest.includes(id);
    });
  return Number(found[0]);
}
/** The process of a part (a Redis server, the API), which the supervisor starts again when it dies. */
function part(name) {
  const lock = JSON.parse(readFileSync(path.join(dataDir, 'lock'), 'utf8'));
  return lock.parts.find((one) => one.name === name).pid;
}

const kill = (pid, signal) => process.kill(pid, signal);
const faults = {
  'SIGKILL trainer': async (id) => kill(trainerOf(id, await agentOf(id, 1)), 'SIGKILL'),
  'SIGKILL trainer of rank 0': async (id) => kill(trainerOf(id, await agentOf(id, 0)), 'SIGKILL'),
  'SIGSTOP trainer': async (id) => kill(trainerOf(id, await agentOf(id, 1)), 'SIGSTOP'),
  'SIGKILL agent': async (id) => kill(await agentOf(id, 1), 'SIGKILL'),
  'SIGTERM worker': async (id) => kill(await agentOf(id, 1), 'SIGTERM'),
  'SIGSTOP worker, SIGCONT': async (id) => {
    const agent = await agentOf(id, 1);
    const both = [trainerOf(id, agent), agent];
    for (const pid of both) kill(pid, 'SIGSTOP');
    await until(async () => (await events(id)).some(({ type }) => type === 'resumed'));
    for (const pid of both) kill(pid, 'SIGCONT');
  },
  'control Redis killed': async () => kill(part('redis-control'), 'SIGKILL'),
  'gradient Redis killed': async () => kill(part('redis-gradients'), 'SIGKILL'),
  'control Redis frozen 5 s': async () => {
    const pid = part('redis-control');
    kill(pid, 'SIGSTOP');
    await sleep(5000);
    kill(pid, 'SIGCONT');
  },
  'API killed': async () => kill(part('api'), 'SIGKILL'),
  'pause, resume': async (id) => {
    await post(id, 'pause');
    await status(id, 'paused');
    await post(id, 'resume');
  },
  'scale 3 to 1 to 2': async (id) => {
    await post(id, 'scale', { maxWorkers: 1 });
    await trainsOn(id, 1);
    await post(id, 'scale', { maxWorkers: 2 });
  },
};

/** One run to its end, with what its ledger says of the disturbance. */
async function measure(name, happen) {
  await idleWorkers();
  const body = {
    name,
    task: 'bert-pretrain',
    dataset: 'toy-grammar',
    model: { preset: 'bert-debug' },
    tokenizer: { vocabSize: 200 },
    training: { maxSteps: steps, globalBatchSize: 96, maxLength: 64, evaluateEvery: 50, checkpointEvery: 50 },
    distributed: { minWorkers: 1, maxWorkers: workers },
  };
  const run = await answer(client.POST('/api/v1/runs', { body, headers: { 'idempotency-key': crypto.randomUUID() } }));
  const { id } = run;
  if (happen) {
    await reached(id, struck);
    await happen(id);
  }
  const end = await until(async () => {
    const now = await get(id);
    return ['completed', 'failed', 'cancelled'].includes(now.status) && now;
  }, 600);
  const query = { names: 'train.loss', maxPoints: 100_000 };
  const { series } = await answer(client.GET('/api/v1/runs/{id}/metrics', { params: { path: { id }, query } }));
  const losses = JSON.stringify(series[0].points.map(({ step, value }) => [step, value]));
  const ledger = await events(id);
  const of = (type) => ledger.filter((event) => event.type === type).map(({ data }) => data);
  return {
    numbers: `${end.status} ${end.weightsSha256} ${losses}`,
    detected: of('worker-lost')[0]?.detectedAfterSeconds,
    resumed: of('resumed')[0]?.resumedAfterSeconds,
    repeated: of('resumed').reduce((sum, data) => sum + data.stepsRepeated, 0),
    goodput: end.goodput,
    alarms: of('determinism-alarm').length,
  };
}

const inSeconds = (value) => (value === undefined ? '' : value.toFixed(1));
try {
  const undisturbed = await measure('undisturbed');
  const rows = [];
  for (const [name, happen] of Object.entries(faults)) {
    if (args.only && args.only !== name) continue;
    const found = await measure(name, happen).catch((error) => ({ numbers: error.message, repeated: '' }));
    const row = {
      fault: name,
      'detected after s': inSeconds(found.detected),
      'training again after s': inSeconds(found.resumed),
      'steps repeated': found.repeated,
      goodput: found.goodput?.toFixed(2),
      'bit-equal': found.numbers === undisturbed.numbers && found.alarms === 0 ? 'yes' : 'NO',
    };
    if (row['bit-equal'] === 'NO') console.error(`${name}: ${found.numbers.slice(0, 300)}`);
    rows.push(row);
    console.error(`${name}: ${row['bit-equal']}`);
  }
  console.log(
    `bert-debug, ${steps} steps, ${workers} workers, fault at step ${struck}; load average at the start: ${load.toFixed(1)}`,
  );
  console.table(rows);
  const equal = rows.filter((row) => row['bit-equal'] === 'yes').length;
  console.log(
    `${equal} of ${rows.length} runs through faults have the undisturbed run's losses and weights, bit for bit`,
  );
  process.exitCode = equal === rows.length ? 0 : 1;
} finally {
  await stack.stop();
  await rm(dataDir, { recursive: true, force: true });
}

// The demo's training step on one worker, on two, and as two runs of one worker each at the same time, through the whole system: API, queue,
// agents, trainers, Redis. Two separate runs exchange nothing, so they are what two workers on these cores could reach at most.
//   npm run bench:workers [-- --steps 120 --rounds 2]
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { answer, createClient, streamRun } from '@regatta/client';
import { demoRun } from '../../tools/demo-run.mjs';
import { startStack } from '../../tools/stack.mjs';
import { freePort } from '../free-port.mjs';

const { values: args } = parseArgs({
  options: { steps: { type: 'string', default: '120' }, rounds: { type: 'string', default: '2' } },
});
const steps = Number(args.steps);
/** Steps at the start that are not counted: sessions are made, caches fill. */
const warmup = 20;
/** Of what two separate runs reach together: the rest is the exchange. */
const target = 0.8;

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Medians over the steps of one run. */
async function measure(client, workers) {
  const training = { ...demoRun.training, maxSteps: steps, evaluateEvery: steps + 1, checkpointEvery: steps + 1 };
  const distributed = { ...demoRun.distributed, minWorkers: workers, maxWorkers: workers };
  const body = { ...demoRun, name: `${workers} workers`, training, distributed };
  const run = await answer(client.POST('/api/v1/runs', { body, headers: { 'idempotency-key': crypto.randomUUID() } }));
  const seen = new Map();
  for await (const message of streamRun(client, run.id)) {
    if (message.event !== 'metric' || message.data.step <= warmup) continue;
    seen.set(message.data.name, [...(seen.get(message.data.name) ?? []), message.data.value]);
  }
  const of = (name) => median(seen.get(name));
  return { tokens: of('train.tokensPerSecond'), compute: of('rank.0.computeMs'), exchange: of('rank.0.allReduceMs') };
}

const [load] = loadavg();
const dataDir = await mkdtemp(join(tmpdir(), 'regatta-bench-'));
const stack = await startStack({
  env: { DATA_DIR: dataDir, PORT: String(await freePort()), WORKERS: '2', LOG_LEVEL: 'warn' },
});
try {
  const client = createClient({ baseUrl: stack.url, apiKey: stack.apiKey() });
  const found = { one: [], two: [], separate: [] };
  for (let round = 0; round < Number(args.rounds); round++) {
    found.one.push(await measure(client, 1));
    found.two.push(await measure(client, 2));
    const [a, b] = await Promise.all([measure(client, 1), measure(client, 1)]);
    found.separate.push({ ...a, tokens: a.tokens + b.tokens });
  }
  const middle = (name, what) => median(found[name].map((one) => one[what]));
  const row = (what, name) => ({
    what,
    'tokens/s': Math.round(middle(name, 'tokens')),
    'compute ms': middle(name, 'compute').toFixed(1),
    'exchange ms': middle(name, 'exchange').toFixed(1),
  });
  console.log(`load average at the start: ${load.toFixed(1)}`);
  console.table([row('1 worker', 'one'), row('2 workers', 'two'), row('two runs of 1 worker', 'separate')]);
  const [one, two, separate] = ['one', 'two', 'separate'].map((name) => middle(name, 'tokens'));
  const share = two / separate;
  console.log(
    `2 workers are ${(two / one).toFixed(2)} times as fast as 1; two separate runs ${(separate / one).toFixed(2)} times: ` +
      `${Math.round(100 * share)} % of what the cores give (target ${100 * target} %)`,
  );
  process.exitCode = share >= target ? 0 : 1;
} finally {
  await stack.stop();
  await rm(dataDir, { recursive: true, force: true });
}

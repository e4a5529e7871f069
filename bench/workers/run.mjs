// The demo's training step on one worker and on two, through the whole system: API, queue, agents, trainers, Redis.
//   npm run bench:workers [-- --steps 120 --rounds 2]
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { answer, createClient, streamRun } from '@regatta/client';
import { demoRun } from '../../tools/demo-run.mjs';
import { startStack } from '../../tools/stack.mjs';

const { values: args } = parseArgs({
  options: { steps: { type: 'string', default: '120' }, rounds: { type: 'string', default: '2' } },
});
const steps = Number(args.steps);
/** Steps at the start that are not counted: sessions are made, caches fill. */
const warmup = 20;
/** Two workers on two cores share memory bandwidth and exchange gradients: this much of twice the speed is the target. */
const target = 1.6;

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
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
  const found = { 1: [], 2: [] };
  for (let round = 0; round < Number(args.rounds); round++) {
    for (const workers of [1, 2]) found[workers].push(await measure(client, workers));
  }
  const rows = [1, 2].map((workers) => {
    const of = (name) => median(found[workers].map((one) => one[name]));
    return {
      workers,
      'tokens/s': Math.round(of('tokens')),
      'compute ms': of('compute').toFixed(1),
      'exchange ms': of('exchange').toFixed(1),
    };
  });
  console.log(`load average at the start: ${load.toFixed(1)}`);
  console.table(rows);
  const ratio = rows[1]['tokens/s'] / rows[0]['tokens/s'];
  console.log(`2 workers are ${ratio.toFixed(2)} times as fast as 1 (target ${target})`);
  process.exitCode = ratio >= target ? 0 : 1;
} finally {
  await stack.stop();
  await rm(dataDir, { recursive: true, force: true });
}

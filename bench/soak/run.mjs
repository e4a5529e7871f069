// The soak: random chaos on 3 runs at a time, each of which lasts as long as it, and 4 workers. Losses and weights must be those of the undisturbed
// runs, which are made afterwards. At the end nothing may be left: no key, process or file, and no memory that grows.
//   npm run bench:soak [-- --minutes 30 --seed 1]
import { readdirSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startSystem, until } from '../faults/system.mjs';
import { generator, strike } from './chaos.mjs';
import { descendants, keysOfRuns, slope, trainersOf, usage } from './leaks.mjs';

const { values: args } = parseArgs({
  options: { minutes: { type: 'string', default: '30' }, seed: { type: 'string', default: '1' } },
});
const lasts = Number(args.minutes) * 60_000;
const random = generator(Number(args.seed));
/** More than this in the second half, in MB an hour, is a leak; shorter soaks say nothing of it. */
const mostGrowth = 120;
/** What a run under chaos reaches of the speed of an undisturbed one. */
const underChaos = 0.7;
const pilotSteps = 300;

const system = await startSystem({ workers: 4 });
const bodiesOf = (maxSteps) =>
  [1, 2, 3].map((seed) => ({
    name: `soak ${seed}`,
    task: 'bert-pretrain',
    dataset: 'toy-grammar',
    seed,
    model: { preset: 'bert-debug' },
    tokenizer: { vocabSize: 200 },
    training: {
      maxSteps,
      maxRestarts: 100,
      globalBatchSize: 32,
      maxLength: 32,
      evaluateEvery: 200,
      checkpointEvery: 100,
    },
    distributed: { minWorkers: 1, maxWorkers: 2 },
  }));
let began = Date.now();
const say = (text) => console.error(`${((Date.now() - began) / 60_000).toFixed(1)} min  ${text}`);
const wrong = [];

/** The runs that are not over: their ids. */
const active = new Set();
async function toTheEnd(body) {
  const { id } = await until(() => system.submit(body));
  active.add(id);
  const { status } = await system.finished(id, 600 + (lasts / 1000) * 3);
  active.delete(id);
  say(`${body.name} (${id.slice(-4)}) ${status}`);
  const ledger = await until(() => system.events(id));
  const alarms = ledger.filter(({ type }) => type === 'determinism-alarm').length;
  if (status !== 'completed' || alarms > 0) wrong.push(`${body.name} ${id} ${status}, ${alarms} alarms`);
  const when = (type) => Date.parse(ledger.find((event) => event.type === type)?.time);
  return { numbers: await until(() => system.numbers(id)), trainedMs: when('completed') - when('started') };
}
/** The three at a time. */
const all = (bodies) => Promise.all(bodies.map(toTheEnd));

const samples = new Map();
async function watch(over) {
  while (!over.aborted) {
    for (const { name, pid } of system.parts()) {
      const used = usage(pid);
      const key = `${name} ${pid}`;
      if (used) samples.set(key, [...(samples.get(key) ?? []), { at: Date.now() - began, ...used }]);
    }
    await sleep(5000, undefined, { signal: over }).catch(() => undefined);
  }
}

const struck = new Map();
async function chaos(over) {
  while (!over.aborted && Date.now() - began < lasts) {
    await sleep(3000 + random() * 9000);
    if (active.size === 0) continue;
    // Servers die only in the first third: how their memory grows is seen in what is left.
    const parts = Date.now() - began < lasts / 3;
    const what = await strike(system, random, { runs: () => [...active], parts }).catch((error) => {
      say(`not done: ${error.message}`);
      return null;
    });
    if (!what) continue;
    say(what.text);
    struck.set(what.kind, (struck.get(what.kind) ?? 0) + 1);
  }
}

try {
  const load = [loadavg()[0]];
  await all(bodiesOf(10)); // data set and tokenizer are there afterwards
  const pilot = await all(bodiesOf(pilotSteps));
  const stepsPerMs = pilotSteps / Math.max(...pilot.map(({ trainedMs }) => trainedMs));
  const bodies = bodiesOf(Math.ceil(stepsPerMs * lasts * underChaos));
  await system.idleWorkers(4);
  const before = descendants(process.pid).length;
  began = Date.now();
  const over = new AbortController();
  const [struckRuns] = await Promise.all([
    all(bodies).finally(() => over.abort()),
    chaos(over.signal),
    watch(over.signal),
  ]);
  const lasted = (Date.now() - began) / 60_000;
  load.push(loadavg()[0]);
  await system.idleWorkers(4);
  // Everything still works, and what dead writers left is swept up.
  const undisturbed = await all(bodies);
  for (const [i, { name }] of bodies.entries())
    if (struckRuns[i].numbers !== undisturbed[i].numbers)
      wrong.push(
        `${name} has other numbers: ${struckRuns[i].numbers.slice(0, 300)} instead of ${undisturbed[i].numbers.slice(0, 300)}`,
      );
  await system.idleWorkers(4);

  const { REDIS_URL, GRADIENT_REDIS_URL } = system.addresses();
  const left = {
    keys: await until(async () => {
      const keys = await keysOfRuns([REDIS_URL, GRADIENT_REDIS_URL]);
      return keys.length === 0 && { keys };
    }, 30).then(
      ({ keys }) => keys,
      () => keysOfRuns([REDIS_URL, GRADIENT_REDIS_URL]),
    ),
    processes: await until(
      async () => descendants(process.pid).length <= before && trainersOf(system.dataDir).length === 0 && { left: [] },
      90,
    ).then(
      ({ left: none }) => none,
      () => [...trainersOf(system.dataDir), ...descendants(process.pid).map(({ args: line }) => line)],
    ),
    files: readdirSync(path.join(system.dataDir, 'artifacts/tmp')),
  };
  const growth = [...samples]
    .map(([name, seen]) => ({ name, seen: seen.filter(({ at }) => at >= lasts / 2) }))
    .filter(({ seen }) => seen.length > 0 && seen.at(-1).at - seen[0].at > lasts / 4)
    .map(({ name, seen }) => ({
      process: name.split(' ')[0],
      'memory MB': Math.round(seen.at(-1).megabytes),
      'grows by MB/h': Math.round(slope(seen.map(({ at, megabytes }) => [at / 3_600_000, megabytes]))),
      'open files': `${seen[0].files} → ${seen.at(-1).files}`,
    }));
  console.log(
    `3 runs of ${bodies[0].training.maxSteps} steps on 4 workers, ${lasted.toFixed(1)} minutes, seed ${args.seed}; ` +
      `load average ${load.map((one) => one.toFixed(1)).join(' at the start, ')} at the end`,
  );
  console.table(Object.fromEntries(struck));
  console.table(growth);
  for (const [kind, found] of Object.entries(left)) {
    console.log(`${kind} left: ${found.length}${found.length > 0 ? `\n  ${found.slice(0, 20).join('\n  ')}` : ''}`);
    if (found.length > 0) wrong.push(`${kind} are left`);
  }
  for (const { process: name, 'grows by MB/h': by } of growth)
    if (by > mostGrowth && lasts >= 600_000) wrong.push(`${name} grows by ${by} MB an hour`);
  for (const line of wrong) console.error(line);
  const faults = [...struck.values()].reduce((sum, count) => sum + count, 0);
  console.log(
    `3 runs through ${faults} faults: ${wrong.length === 0 ? 'all complete and bit-equal, nothing is left' : `WRONG: ${wrong.length}`}`,
  );
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  await system.stop();
}

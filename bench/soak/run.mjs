// The soak: random chaos on 3 runs and 4 workers. Three slots each train one configuration again and again; whenever a run ends, its losses
// and weights must be those of the undisturbed run. At the end nothing may be left: no key, process or file, and no memory that grows.
//   npm run bench:soak [-- --minutes 30 --seed 1]
import { readdirSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startSystem, until } from '../faults/system.mjs';
import { generator, strike } from './chaos.mjs';
import { descendants, lastingKeys, slope, trainersOf, usage } from './leaks.mjs';

const { values: args } = parseArgs({
  options: { minutes: { type: 'string', default: '30' }, seed: { type: 'string', default: '1' } },
});
const lasts = Number(args.minutes) * 60_000;
const random = generator(Number(args.seed));
/** More than this in the second half, in MB an hour, is a leak. */
const mostGrowth = 120;

const system = await startSystem({ workers: 4 });
const bodies = [1, 2, 3].map((seed) => ({
  name: `soak ${seed}`,
  task: 'bert-pretrain',
  dataset: 'toy-grammar',
  seed,
  model: { preset: 'bert-debug' },
  tokenizer: { vocabSize: 200 },
  training: {
    maxSteps: 250,
    maxRestarts: 100,
    globalBatchSize: 32,
    maxLength: 32,
    evaluateEvery: 50,
    checkpointEvery: 50,
  },
  distributed: { minWorkers: 1, maxWorkers: 2 },
}));
const say = (text) => console.error(`${((Date.now() - began) / 60_000).toFixed(1)} min  ${text}`);
let began = Date.now();
const wrong = [];

async function undisturbed(body) {
  const { id } = await until(() => system.submit(body));
  const { status } = await system.finished(id);
  if (status !== 'completed') throw new Error(`the undisturbed ${body.name} ended as ${status}`);
  return system.numbers(id);
}

/** One slot: run after run until the time is up. */
const active = new Set();
let completed = 0;
async function slot(body, expected) {
  while (Date.now() - began < lasts) {
    const { id } = await until(() => system.submit(body));
    active.add(id);
    const { status } = await system.finished(id, 1800);
    active.delete(id);
    const numbers = await until(() => system.numbers(id));
    const equal = numbers === expected;
    const alarms = (await until(() => system.events(id))).filter(({ type }) => type === 'determinism-alarm').length;
    say(`${body.name} (${id.slice(-4)}) ${status}, ${equal ? 'bit-equal' : 'OTHER NUMBERS'}`);
    completed += 1;
    if (!equal || alarms > 0) wrong.push(`${body.name} ${id}: ${numbers.slice(0, 300)}, ${alarms} alarms`);
  }
}

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
async function chaos() {
  while (Date.now() - began < lasts) {
    await sleep(3000 + random() * 9000);
    // Servers die only in the first third: how their memory grows is seen in what is left.
    const parts = Date.now() - began < lasts / 3;
    const what = await strike(system, random, { runs: () => [...active], parts }).catch((error) => {
      say(`not done: ${error.message}`);
      return null;
    });
    if (!what) continue;
    say(what);
    const kind = what.split(' ')[0].length === 4 ? what.split(' ')[1] : what.split(' ')[0];
    struck.set(kind, (struck.get(kind) ?? 0) + 1);
  }
}

try {
  const [load] = loadavg();
  const expected = [];
  for (const body of bodies) expected.push(await undisturbed(body));
  await system.idleWorkers(4);
  const before = descendants(process.pid).length;
  began = Date.now();
  const over = new AbortController();
  const watching = watch(over.signal);
  await Promise.all([chaos(), ...bodies.map((body, i) => slot(body, expected[i]))]);
  // One more, undisturbed: everything still works, and what dead writers left is swept up.
  if ((await undisturbed(bodies[0])) !== expected[0])
    wrong.push('the last run, which nothing happened to, has other numbers');
  await system.idleWorkers(4);
  over.abort();
  await watching;

  const { REDIS_URL, GRADIENT_REDIS_URL } = system.addresses();
  const left = {
    keys: await until(async () => {
      const keys = await lastingKeys([REDIS_URL, GRADIENT_REDIS_URL]);
      return keys.length === 0 && { keys };
    }, 30).then(
      ({ keys }) => keys,
      () => lastingKeys([REDIS_URL, GRADIENT_REDIS_URL]),
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
    .map(([name, all]) => ({ name, all: all.filter(({ at }) => at >= lasts / 2) }))
    .filter(({ all }) => all.length > 0 && all.at(-1).at - all[0].at > lasts / 3)
    .map(({ name, all }) => ({
      process: name.split(' ')[0],
      'memory MB': Math.round(all.at(-1).megabytes),
      'grows by MB/h': Math.round(slope(all.map(({ at, megabytes }) => [at / 3_600_000, megabytes]))),
      'open files': `${all[0].files} → ${all.at(-1).files}`,
    }));
  console.log(
    `${args.minutes} minutes, seed ${args.seed}, 3 runs at a time, 4 workers; load average at the start: ${load.toFixed(1)}`,
  );
  console.table(Object.fromEntries(struck));
  console.table(growth);
  for (const [kind, found] of Object.entries(left)) {
    console.log(`${kind} left: ${found.length}${found.length > 0 ? `\n  ${found.slice(0, 20).join('\n  ')}` : ''}`);
    if (found.length > 0) wrong.push(`${kind} are left`);
  }
  for (const { process: name, 'grows by MB/h': by } of growth)
    if (by > mostGrowth) wrong.push(`${name} grows by ${by} MB an hour`);
  for (const line of wrong) console.error(line);
  const faults = [...struck.values()].reduce((sum, count) => sum + count, 0);
  console.log(
    `${completed} runs through ${faults} faults: ${wrong.length === 0 ? 'all complete and bit-equal, nothing is left' : `WRONG: ${wrong.length}`}`,
  );
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  await system.stop();
}

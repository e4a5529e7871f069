// The API under load: the list of 10,000 runs, 20,000 points a second of 50 runs into the database while a client
// watches each of them, 500 clients of one run at once, and the way from POST to the first step.
// npm run bench:api -- [--runs 10000] [--seconds 10] [--points 20000] [--watchers 50] [--clients 500]
// DATABASE_URL=postgresql://…: of that database, else of the embedded one; an empty one, for it is filled with runs.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { keys } from '@regatta/contracts';
import autocannon from 'autocannon';
import { Redis } from 'ioredis';
import pg from 'pg';
import { startSystem, until } from '../faults/system.mjs';
import { fillMask } from './fill-mask.mjs';
import { firstStep } from './first-step.mjs';
import { watch } from './watchers.mjs';

const defaults = { runs: '10000', seconds: '10', points: '20000', watchers: '50', clients: '500' };
const options = Object.fromEntries(
  Object.entries(defaults).map(([name, value]) => [name, { type: 'string', default: value }]),
);
const given = Object.fromEntries(
  Object.entries(parseArgs({ options }).values).map(([name, value]) => [name, Number(value)]),
);
const namesPerEntry = 20;

const [load] = loadavg();
const rows = [];
function row(what, figure, unit, target, ok) {
  rows.push({ what, figure: Math.round(figure * 100) / 100, unit, target, ok: ok ? 'ok' : 'MISSED' });
  console.error(`${what}: ${figure.toFixed(2)} ${unit}`);
}

const system = await startSystem({ workers: 2, env: { RATE_LIMIT: '10000000' } });
const { url } = system.stack;
const headers = { authorization: `Bearer ${system.stack.apiKey()}` };
const { REDIS_URL, DATABASE_URL } = system.addresses();
const redis = new Redis(REDIS_URL, { maxRetriesPerRequest: null });
const database = new pg.Client({ connectionString: DATABASE_URL });

/** Resident memory of the API, MiB. */
async function memory() {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\d+)/m.exec(text)[1]) / 2 ** 20;
}

/** A run that nobody trains: it wants more workers than there are. */
const idleRun = () =>
  system.submit({
    name: 'watched',
    task: 'bert-pretrain',
    dataset: 'bench',
    model: { preset: 'bert-debug' },
    distributed: { minWorkers: 4, maxWorkers: 4 },
  });

/** Copies of a run's row, an hour and more old. @returns their ids */
async function fill(id, count, status) {
  const { rows: columns } = await database.query(
    `SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'Run'`,
  );
  const changed = ['id', 'name', 'createdAt', 'status', 'desired'];
  const others = columns.map(({ name }) => name).filter((name) => !changed.includes(name));
  const list = others.map((name) => `"${name}"`).join(', ');
  const { rows: made } = await database.query(
    `INSERT INTO "Run" (id, name, "createdAt", status, desired, ${list})
     SELECT gen_random_uuid(), 'run ' || n, now() - n * interval '1 hour', $3, 'paused', ${list}
     FROM "Run", generate_series(1, $2::int) AS n WHERE id = $1 RETURNING id`,
    [id, count, status],
  );
  return made.map((one) => one.id);
}

/** Milliseconds within which 99 of 100 pages of the list came. */
async function listRuns() {
  const result = await autocannon({
    url: `${url}/api/v1/runs?limit=50`,
    headers,
    connections: 5,
    duration: given.seconds,
  });
  return { p99: result.latency.p99, perSecond: result.requests.average, bad: result.non2xx + result.errors };
}

/** Writes points as the workers of several runs do, and waits until they are stored. */
async function stream(runIds) {
  const steps = Math.ceil((given.points * given.seconds) / namesPerEntry / runIds.length);
  const entries = steps * runIds.length;
  const each = Math.max(1, Math.round(given.points / namesPerEntry / 20));
  const begun = performance.now();
  for (let sent = 0; sent < entries; ) {
    const pipeline = redis.pipeline();
    for (let i = 0; i < each && sent < entries; i += 1, sent += 1) {
      const step = Math.floor(sent / runIds.length) + 1;
      const values = Object.fromEntries(
        Array.from({ length: namesPerEntry }, (_, n) => [`bench.${n}`, step + n / 100]),
      );
      const runId = runIds[sent % runIds.length];
      const entry = { type: 'metrics', runId, generation: 1, time: new Date().toISOString(), step, epoch: 0, values };
      pipeline.xadd(keys.stream, '*', 'data', JSON.stringify(entry));
    }
    await pipeline.exec();
    const early = begun + (sent * namesPerEntry * 1000) / given.points - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
  }
  const written = entries * namesPerEntry;
  await until(async () => (await redis.xlen(keys.stream)) === 0, 300);
  const seconds = (performance.now() - begun) / 1000;
  const { rows: counted } = await database.query(
    'SELECT count(*)::int AS count FROM "MetricPoint" WHERE "runId" = ANY($1::uuid[])',
    [runIds],
  );
  return { written, each: steps * namesPerEntry, stored: counted[0].count, seconds };
}

try {
  await database.connect();
  const [{ version }] = (await database.query('SELECT version()')).rows;
  console.error(`database: ${version.split(',')[0]}${process.env.DATABASE_URL ? '' : ' (embedded)'}`);
  const begin = await memory();
  const first = await firstStep(system);
  row('POST to the first step of bert-debug, warm worker', first, 's', '<= 3', first <= 3);

  const { alone, beside } = await fillMask(system);
  row("bert-mini's answer to a masked word, median", alone, 'ms', '<= 30', alone <= 30);
  row('the same while a bert-mini trains on both workers', beside, 'ms', '<= 30', beside <= 30);

  const model = await idleRun();
  await fill(model.id, given.runs, 'completed');
  const list = await listRuns();
  const listed = `list of ${given.runs} runs, 5 at a time, p99 (${Math.round(list.perSecond)} a second)`;
  row(listed, list.p99, 'ms', '<= 50', list.p99 <= 50 && list.bad === 0);

  const watched = await fill(model.id, given.watchers, 'paused');
  const watchers = await watch(watched, url, headers);
  const { written, each, stored, seconds } = await stream(watched);
  const rate = stored / seconds;
  const least = given.points * 0.95;
  row(`points stored, written at ${given.points} a second`, rate, 'a second', `>= ${least}`, rate >= least);
  row('points lost', written - stored, '', '0', written === stored);
  const complete = () => watchers.counts().filter((count) => count === each).length;
  await until(async () => complete() === given.watchers, 60).catch(() => undefined);
  const told = `of ${given.watchers} watchers of a run each, those that saw its every point`;
  row(told, complete(), '', String(given.watchers), complete() === given.watchers);
  watchers.close();
  const afterStream = await memory();

  const crowd = await watch(
    Array.from({ length: given.clients }, () => model.id),
    url,
    headers,
  );
  await until(async () => crowd.counts('status').every((count) => count > 0), 120).catch(() => undefined);
  const held = crowd.counts('status').filter((count) => count > 0).length;
  const answered = performance.now();
  await system.get(model.id);
  row('clients of one stream held at once', held, '', String(given.clients), held === given.clients);
  const waited = performance.now() - answered;
  row('another answer meanwhile', waited, 'ms', '<= 1000', waited <= 1000);
  crowd.close();
  await listRuns();
  const end = await memory();
  const most = Math.max(begin, afterStream) * 1.25;
  row(
    `memory of the API at the end (${Math.round(begin)} at the start, ${Math.round(afterStream)} after the points)`,
    end,
    'MiB',
    `<= ${Math.round(most)}`,
    end <= most,
  );
} finally {
  redis.disconnect();
  await database.end().catch(() => undefined);
  await system.stop();
}
console.table(rows);
const missed = rows.filter(({ ok }) => ok !== 'ok').length;
console.log(
  `${missed === 0 ? 'ok' : 'MISSED'}: ${rows.length - missed} of ${rows.length} rows; load average at the start ${load.toFixed(1)}`,
);
process.exitCode = missed === 0 ? 0 : 1;

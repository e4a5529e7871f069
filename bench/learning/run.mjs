// Does every task learn what it should? Trains each row of rows.mjs through the REST API on two workers and prints the target, what was
// reached, and what the trivial baseline scores on the same held-out examples.
//   npm run bench:learning [-- --only translate,tagging] [--data-dir FOLDER]
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createClient } from '@regatta/client';
import { startStack } from '../../tools/stack.mjs';
import { freePort } from '../free-port.mjs';
import { Laboratory } from './laboratory.mjs';
import { rows } from './rows.mjs';

const { values: args } = parseArgs({ options: { only: { type: 'string' }, 'data-dir': { type: 'string' } } });
const wanted = args.only?.split(',') ?? rows.filter(({ onlyByName }) => !onlyByName).map(({ group }) => group);
const unknown = wanted.filter((name) => rows.every(({ group }) => group !== name));
if (unknown.length > 0) {
  throw new Error(`no group ${unknown.join(', ')}; there are ${rows.map(({ group }) => group).join(', ')}`);
}
const dataDir = args['data-dir'] ?? (await mkdtemp(path.join(tmpdir(), 'regatta-learning-')));
const stack = await startStack({
  env: { DATA_DIR: path.resolve(dataDir), PORT: String(await freePort()), WORKERS: '2', LOG_LEVEL: 'warn' },
});
const table = [];
try {
  console.log(`load average at the start: ${loadavg()[0].toFixed(1)}; watch at ${stack.url}`);
  const laboratory = new Laboratory(createClient({ baseUrl: stack.url, apiKey: stack.apiKey() }), stack);
  for (const row of rows.filter(({ group }) => wanted.includes(group))) {
    const began = performance.now();
    const results = await row
      .measure(laboratory)
      .catch((error) => [{ what: 'failed', reached: String(error), ok: false }]);
    const minutes = (performance.now() - began) / 60_000;
    for (const result of results) {
      const line = { task: row.task, ...result, minutes: minutes.toFixed(1) };
      table.push(line);
      console.log(JSON.stringify(line));
    }
  }
  console.log('\n| task | what | target | reached | trivial baseline | minutes | |');
  console.log('|---|---|---|---|---|---|---|');
  for (const { task, what, target = '', reached, baseline = '', minutes, ok } of table) {
    console.log(`| ${task} | ${what} | ${target} | ${reached} | ${baseline} | ${minutes} | ${ok ? 'ok' : 'MISSED'} |`);
  }
  const missed = table.filter(({ ok }) => !ok).length;
  console.log(`\n${table.length - missed} of ${table.length} reached, ${missed} missed`);
  process.exitCode = missed === 0 ? 0 : 1;
} finally {
  await stack.stop();
  if (args['data-dir'] === undefined) await rm(dataDir, { recursive: true, force: true });
}

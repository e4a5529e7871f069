// Where the time of a whole training step goes, on one worker and on two of one core each: bert-mini, dropout 0.1, Brown, as trainers run it.
//   npm run bench:profile -- [--sequences 32] [--steps 8]
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startServers } from '../allreduce/servers.mjs';
import { brownIn, median, miniRun, trainRanks } from '../ranks/train-ranks.mjs';

const { values: args } = parseArgs({
  options: { sequences: { type: 'string', default: '32' }, steps: { type: 'string', default: '8' } },
});
/** What masks and batches together may take of a step: they are made in the trainer's thread, and are not to be what it waits for. */
const most = 0.03;
const phases = ['batch', 'masks', 'forward and backward', 'sum of shards', 'waiting', 'exchange', 'optimizer'];
const [load] = loadavg();
const folder = await mkdtemp(join(tmpdir(), 'regatta-profile-'));
const servers = await startServers(1);
try {
  const spec = miniRun(await brownIn(folder), Number(args.sequences));
  const common = { servers, folder, spec, steps: Number(args.steps), warmup: 3 };
  const columns = [];
  for (const workers of [1, 2]) {
    const ranks = await trainRanks({ ...common, cores: workers === 1 ? [0] : [0, 1] });
    ranks.forEach(({ steps }, rank) => {
      columns.push({ name: workers === 1 ? '1 worker' : `2 workers, rank ${rank}`, ...profile(steps) });
    });
  }
  console.log(
    `bert-mini, ${args.sequences} × 128 tokens a step in 8 shards, dropout 0.1; ${cpus().length} × ${cpus()[0].model}; load ${load.toFixed(1)}; medians of ${args.steps} steps, ms`,
  );
  console.log(`| part | ${columns.map(({ name }) => name).join(' | ')} |\n|---|${'---|'.repeat(columns.length)}`);
  for (const part of [...phases, 'rest', 'whole']) {
    const cells = columns.map(
      (column) => `${column[part].toFixed(2)} (${((100 * column[part]) / column.whole).toFixed(1)} %)`,
    );
    console.log(`| ${part === 'whole' ? 'whole step' : part} | ${cells.join(' | ')} |`);
  }
  const share = (columns[0].batch + columns[0].masks) / columns[0].whole;
  const missed = share > most;
  console.log(
    `masks and batches take ${(100 * share).toFixed(1)} % of a step (target ${100 * most} %)${missed ? ': MISSED' : ''}; load ${loadavg()[0].toFixed(1)}`,
  );
  process.exitCode = missed ? 1 : 0;
} finally {
  await servers.stop();
  await rm(folder, { recursive: true, force: true });
}

function profile(steps) {
  const of = (part) => median(steps.map((step) => step[part] ?? 0));
  const parts = Object.fromEntries([...phases, 'whole'].map((part) => [part, of(part)]));
  return { ...parts, rest: Math.max(0, parts.whole - phases.reduce((sum, part) => sum + parts[part], 0)) };
}

// How two workers of one core each scale: bert-mini, dropout 0.1, Brown, the gradients exchanged through Redis at every step as always. Beside them
// one worker alone, and one worker on each core at once that share nothing: what the machine itself leaves of a second core.
//   npm run bench:scaling -- [--sequences 128,64] [--steps 4] [--rounds 2]
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startServers } from '../allreduce/servers.mjs';
import { brownIn, median, miniRun, trainRanks } from '../ranks/train-ranks.mjs';

const { values: args } = parseArgs({
  options: {
    sequences: { type: 'string', default: '128,64' },
    steps: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '2' },
  },
});
/** Two workers' tokens/s over twice one worker's; smaller batches are printed only. */
const targets = { 128: 0.9 };
const [load] = loadavg();
const folder = await mkdtemp(join(tmpdir(), 'regatta-scaling-'));
const servers = await startServers(1);
const [missed, words] = [[], []];
try {
  const dataset = await brownIn(folder);
  console.log(
    `bert-mini, dropout 0.1, workers pinned to a core each; ${cpus().length} × ${cpus()[0].model}; load ${load.toFixed(1)}; ` +
      `medians of ${args.rounds} rounds of ${args.steps} steps in turn`,
  );
  console.log(
    '| sequences of 128 a step | 1 worker, ms a step | 2 workers | exchange and waiting of it | two runs of 1 worker at once | 2 workers scale to | of what two separate runs reach |\n|---|---|---|---|---|---|---|',
  );
  for (const sequences of args.sequences.split(',').map(Number)) await measure(miniRun(dataset, sequences), sequences);
} finally {
  await servers.stop();
  await rm(folder, { recursive: true, force: true });
}
console.log(
  `scaling from 1 to 2 workers: ${words.join(', ')}${missed.length > 0 ? `; MISSED: ${missed.join(', ')}` : ''}; load ${loadavg()[0].toFixed(1)}`,
);
process.exitCode = missed.length > 0 ? 1 : 0;

async function measure(spec, sequences) {
  const on = (cores) => trainRanks({ servers, folder, spec, cores, steps: Number(args.steps), warmup: 2 });
  const whole = (rank) => median(rank.steps.map((step) => step.whole));
  const found = { one: [], two: [], separate: [], exchange: [] };
  for (let round = 0; round < Number(args.rounds); round++) {
    found.one.push(whole((await on([0]))[0]));
    const two = await on([0, 1]);
    found.two.push(Math.max(...two.map(whole)));
    found.exchange.push(Math.max(...two.map(({ steps }) => median(steps.map((step) => step.exchange + step.waiting)))));
    const apart = await Promise.all([on([0]), on([1])]);
    // a step of each in the time of the slower one
    found.separate.push(Math.max(...apart.map(([rank]) => whole(rank))));
  }
  const [one, two, separate, exchange] = Object.values(found).map(median);
  const scaled = one / two / 2;
  const figures = [one, two, exchange, separate].map((ms) => ms.toFixed(0));
  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  console.log(`| ${sequences} | ${figures.join(' | ')} | ${percent(scaled)} | ${percent(separate / two / 2)} |`);
  const target = targets[sequences];
  words.push(`${percent(scaled)} with ${sequences} sequences${target ? ` (target ${percent(target)})` : ''}`);
  if (target && scaled < target) missed.push(`${percent(scaled)} with ${sequences}`);
}

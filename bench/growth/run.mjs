// How the time of a training step grows with layers, width, length, vocabulary, batch and workers, against the floating-point operations and bytes
// that are counted (bench/compute/cost.mjs): one of them at a time, from bert-mini with 8 sequences of 128. Writes the plot into docs.
//   npm run bench:growth -- [--steps 5] [--axes layers,width,length,vocabulary,batch,workers] [--no-plot]
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bertPretrainingParameters } from '@regatta/models';
import { startServers } from '../allreduce/servers.mjs';
import { pretrainingBytes, pretrainingFlops } from '../compute/cost.mjs';
import { makeJob } from '../compute/job.mjs';
import { startOurs } from '../compute/variants.mjs';
import { brownIn, median, miniRun, trainRanks } from '../ranks/train-ranks.mjs';
import { plot } from './plot.mjs';

const { values: args } = parseArgs({
  options: {
    steps: { type: 'string', default: '5' },
    axes: { type: 'string', default: 'layers,width,length,vocabulary,batch,workers' },
    'no-plot': { type: 'boolean', default: false },
  },
});
const steps = Number(args.steps);
const base = { layers: 4, hidden: 256, heads: 4, vocabulary: 8000, batch: 8, length: 128, masked: 19 };
const everyAxis = {
  layers: [1, 2, 4, 8],
  width: [128, 256, 512],
  length: [32, 64, 128, 256],
  vocabulary: [2000, 8000, 32000],
  batch: [2, 4, 8, 16],
};
const chosen = args.axes.split(',');
const axes = Object.fromEntries(Object.entries(everyAxis).filter(([axis]) => chosen.includes(axis)));
/** By how much the exponent of the time may be above that of the operations: what grows faster is not the arithmetic. */
const slack = 0.15;

const sizesAt = {
  layers: (layers) => ({ layers }),
  width: (hidden) => ({ hidden, heads: hidden / 64 }),
  length: (length) => ({ length, masked: Math.round(0.15 * length) }),
  vocabulary: (vocabulary) => ({ vocabulary }),
  batch: (batch) => ({ batch }),
};

const [load] = loadavg();
const folder = await mkdtemp(join(tmpdir(), 'regatta-growth-'));
const points = [];
try {
  console.log(
    `${cpus().length} × ${cpus()[0].model}; load ${load.toFixed(1)}; the best of ${steps} steps on one core, dropout 0.1`,
  );
  console.log('| | value | ms a step | GFLOP | GFLOP/s | MB touched |\n|---|---|---|---|---|---|');
  for (const [axis, values] of Object.entries(axes)) {
    for (const value of values) {
      const point = await measure(axis, value);
      const { ms, gflop, megabytes } = point;
      const figures = [ms.toFixed(1), gflop.toFixed(2), ((1e3 * gflop) / ms).toFixed(0), megabytes.toFixed(0)];
      console.log(`| ${axis} | ${value} | ${figures.join(' | ')} |`);
      points.push(point);
    }
  }
  console.log('\n| grows with | time | operations | bytes |\n|---|---|---|---|');
  const missed = [];
  for (const axis of Object.keys(axes)) {
    const of = points.filter((point) => point.axis === axis);
    const [time, operations, bytes] = ['ms', 'gflop', 'megabytes'].map((what) => exponent(of, what));
    console.log(`| ${axis} | ^${time.toFixed(2)} | ^${operations.toFixed(2)} | ^${bytes.toFixed(2)} |`);
    if (time > operations + slack) missed.push(axis);
  }
  if (!args['no-plot'] && Object.keys(axes).length === Object.keys(everyAxis).length) {
    const file = fileURLToPath(new URL('../../docs/cost-of-a-step.svg', import.meta.url));
    await writeFile(file, plot(points));
  }
  if (chosen.includes('workers')) await workers();
  console.log(
    `a step's time grows ${missed.length > 0 ? `MISSED: faster than its operations with ${missed.join(', ')}` : 'no faster than its operations'}; load ${loadavg()[0].toFixed(1)}`,
  );
  process.exitCode = missed.length > 0 ? 1 : 0;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure(axis, value) {
  const job = makeJob('mini', { threads: 1, dropout: 0.1, sizes: { ...base, ...sizesAt[axis](value) } });
  const file = join(folder, 'job.json');
  await writeFile(file, JSON.stringify(job));
  const runner = startOurs('0', axis, file);
  try {
    await runner.line();
    let best = Number.POSITIVE_INFINITY;
    for (let step = 0; step < steps + 1; step++) best = Math.min(best, JSON.parse(await runner.ask('step')).ms);
    const parameters = bertPretrainingParameters(job.config).reduce(
      (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
      0,
    );
    return {
      axis,
      value,
      ms: best,
      gflop: pretrainingFlops(job) / 1e9,
      megabytes: pretrainingBytes(job, parameters) / 1e6,
    };
  } finally {
    runner.end();
  }
}

/** Slope of the least-squares line of log(what) over log(value). */
function exponent(of, what) {
  const x = of.map(({ value }) => Math.log(value));
  const y = of.map((point) => Math.log(point[what]));
  const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const covariance = x.reduce((sum, xi, i) => sum + (xi - mx) * (y[i] - my), 0);
  return covariance / x.reduce((sum, xi) => sum + (xi - mx) ** 2, 0);
}

/** The same step of 16 sequences on one worker and on two: every worker more exchanges the whole gradient. */
async function workers() {
  const servers = await startServers(1);
  try {
    const spec = miniRun(await brownIn(folder), 16);
    const common = { servers, folder, spec, steps, warmup: 2 };
    console.log('\n| workers | ms a step | exchange and waiting |\n|---|---|---|');
    for (const cores of [[0], [0, 1]]) {
      const ranks = await trainRanks({ ...common, cores });
      const most = (part) => Math.max(...ranks.map((rank) => median(rank.steps.map(part))));
      const [whole, exchange] = [most((step) => step.whole), most((step) => step.exchange + step.waiting)];
      console.log(`| ${cores.length} | ${whole.toFixed(1)} | ${exchange.toFixed(1)} |`);
    }
  } finally {
    await servers.stop();
  }
}

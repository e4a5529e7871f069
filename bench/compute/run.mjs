// A training step of Regatta's compiled engine beside PyTorch on the same batch and core, step by step in turn, so that a drifting machine drifts
// for all alike: tokens/s, memory, and what share of the core's GEMM peak bert-mini reaches. Masks, dropout, all heads, clipping and AdamW are on
// all sides. First the losses of 20 steps, which PyTorch must have too (losses.mjs).
//   npm run bench:compute -- [--only losses,mini,mini-0,tiny,transformer,gru,classify,cores] [--steps 10] [--no-compile]
// PYTHON=… names a Python that has PyTorch and transformers
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pythonWithTorch } from '../python.mjs';
import { pretrainingFlops } from './cost.mjs';
import { makeJob } from './job.mjs';
import { compareLosses } from './losses.mjs';
import { gemmPeak, startOurs, startTorch, vendorCheckDefeated } from './variants.mjs';

const { values: args } = parseArgs({
  options: {
    only: { type: 'string', default: 'losses,mini,mini-0,transformer,gru,classify,cores' },
    steps: { type: 'string', default: '10' },
    'no-compile': { type: 'boolean', default: false },
  },
});
const [steps, warmup] = [Number(args.steps), 3];
/** What torch.compile may take before a variant is left out; its cache makes the next time shorter. */
const compileMs = 600_000;
const peakTarget = 0.75;
const all = ['plain', 'compile', 'gathered', 'compile-gathered'];
/**
 * The measured steps. `target`: times the tokens/s of the fastest PyTorch with its head on gathered rows (eager or compiled); the versions that are
 * gathered by hand up to the last layer are printed only. Ours adds the gradients of two shards, as a worker does.
 */
const groups = {
  mini: {
    title: 'bert-mini pretraining, 16 × 128',
    size: 'mini',
    dropout: 0.1,
    shards: [2, 8],
    torch: [...all, 'stock'],
    target: 1.2,
  },
  'mini-0': { title: 'the same without dropout', size: 'mini', dropout: 0, shards: [2], torch: all, target: 0.9 },
  tiny: { title: 'bert-tiny pretraining, 12 × 64', size: 'tiny', dropout: 0.1, shards: [2], torch: all, target: 1.2 },
  transformer: {
    title: 'transformer translation, 32 × (32 + 32)',
    size: 'transformer',
    dropout: 0.1,
    shards: [2],
    torch: ['plain', 'compile'],
    target: 0.9,
  },
  gru: {
    title: 'GRU with attention, 32 × (32 + 32)',
    size: 'gru',
    dropout: 0.1,
    shards: [2],
    torch: ['plain', 'compile'],
    target: 0.9,
  },
  classify: {
    title: 'bert-mini fine-tuning, 16 × 128, by [CLS]',
    size: 'classify',
    dropout: 0.1,
    shards: [2],
    torch: all,
    target: 0.9,
  },
  cores: {
    title: 'bert-mini on two cores, the exchange not counted',
    size: 'mini',
    dropout: 0.1,
    shards: [2],
    torch: all,
    target: 1.2,
    cores: true,
  },
};

const chosen = args.only.split(',');
const unknown = chosen.filter((name) => name !== 'losses' && !groups[name]);
if (unknown.length > 0)
  throw new Error(`--only knows losses, ${Object.keys(groups).join(', ')}; not ${unknown.join(', ')}`);
const folder = await mkdtemp(join(tmpdir(), 'regatta-bench-'));
const python = pythonWithTorch('transformers');
const missed = [];
const summary = [];
console.log(
  `${cpus().length} × ${cpus()[0].model}; load ${loadavg()[0].toFixed(1)}; one core a process, ${steps} steps in turn`,
);
try {
  if (chosen.includes('losses') && !(await compareLosses())) missed.push('losses');
  const intel = await vendorCheckDefeated(folder);
  const peak = chosen.some((name) => groups[name]) ? await gemmPeak(python, intel) : {};
  for (const name of chosen.filter((name) => groups[name])) await measure(name, groups[name], intel, peak);
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(`tokens/s of Regatta over the fastest PyTorch: ${summary.join('; ')}; load ${loadavg()[0].toFixed(1)}`);
if (missed.length > 0) console.log(`MISSED: ${missed.join(', ')}`);
process.exitCode = missed.length > 0 ? 1 : 0;

/** All variants of one step, a step each in turn. */
async function measure(name, group, intel, peak) {
  const { size, dropout, shards, torch, cores = false } = group;
  const job = async (threads, parts) => {
    const file = join(folder, `${name}-${threads}-${parts}.json`);
    await writeFile(file, JSON.stringify(makeJob(size, { threads, dropout, shards: parts })));
    return file;
  };
  const torchJob = await job(cores ? 2 : 1, 1);
  const wanted = torch.filter((variant) => !(args['no-compile'] && variant.startsWith('compile')));
  const starts = [
    ...(cores
      ? [async () => twoWorkers(await job(1, 2))]
      : shards.map((n) => async () => startOurs('0', `Regatta, ${n} shards`, await job(1, n)))),
    ...wanted.map((variant) => async () => startTorch(cores ? '0,1' : '0', python, torchJob, variant, intel)),
  ];
  const runners = [];
  try {
    // one after another: what compiles is not to share its cores with the next
    for (const start of starts) {
      const runner = await ready(await start());
      if (runner) runners.push(runner);
    }
    const took = runners.map(() => []);
    const last = [];
    for (let step = 0; step < warmup + steps; step++) {
      for (const [i, runner] of runners.entries()) {
        last[i] = JSON.parse(await runner.ask('step'));
        if (step >= warmup) took[i].push(last[i].ms);
      }
    }
    report(
      name,
      group,
      runners.map((runner, i) => ({ ...runner, ...last[i], took: took[i] })),
      peak,
    );
  } finally {
    for (const runner of runners) runner.end();
  }
}

/** Two workers of one core each, a shard each: as long as the slower one. */
async function twoWorkers(file) {
  const both = ['0', '1'].map((core) => startOurs(core, 'Regatta', file, [core]));
  const joined = (answers) => {
    const parsed = answers.map((answer) => JSON.parse(answer));
    const of = (what) => parsed.map((one) => one[what]);
    const [ms, loss] = [Math.max(...of('ms')), of('loss').reduce((a, b) => a + b)];
    return JSON.stringify({ ms, loss, peakMiB: of('peakMiB').reduce((a, b) => a + b) });
  };
  return {
    name: 'Regatta, 2 workers',
    line: () => Promise.all(both.map((one) => one.line())),
    ask: async (question) => joined(await Promise.all(both.map((one) => one.ask(question)))),
    end: () => both.forEach((one) => void one.end()),
  };
}

/** The runner when it has said so; null where it cannot be had here, or not in time. */
async function ready(runner) {
  const late = setTimeout(() => runner.kill?.(), compileMs);
  const since = performance.now();
  try {
    await runner.line();
    if (runner.name.includes('compile')) console.log(`${runner.name}: ready after ${seconds(since)} s`);
    return runner;
  } catch {
    if (runner.baseline === undefined) throw new Error(`${runner.name} ended early`);
    console.log(`${runner.name}: ended or was ended after ${seconds(since)} s without a step; left out`);
    return null;
  } finally {
    clearTimeout(late);
  }
}

function seconds(since) {
  return ((performance.now() - since) / 1e3).toFixed(0);
}

function report(name, { title, size, dropout, target, cores }, runners, peak) {
  const job = makeJob(size, { threads: 1, dropout });
  const { batch, length } = job.shape;
  const tokens = batch * length * (['gru', 'transformer'].includes(job.task) ? 2 : 1);
  const rows = runners.map((runner) => {
    const sorted = runner.took.toSorted((a, b) => a - b);
    const [best, median] = [sorted[0], sorted[sorted.length >> 1]];
    return { ...runner, best, median, rate: (tokens / median) * 1e3 };
  });
  console.log(
    `\n${title}, dropout ${dropout}\n| step | ms, median | ms, best | tokens/s | peak memory, MiB | loss |\n|---|---|---|---|---|---|`,
  );
  for (const row of rows) {
    const figures = [
      row.median.toFixed(1),
      row.best.toFixed(1),
      Math.round(row.rate),
      row.peakMiB,
      row.loss.toFixed(3),
    ];
    console.log(`| ${row.name} | ${figures.join(' | ')} |`);
  }
  const [ours] = rows;
  const fastest = (gathered) =>
    Math.max(
      ...rows
        .filter(({ baseline, name: which }) => (gathered ? which.includes('by hand') : baseline))
        .map(({ rate }) => rate),
    );
  const ratio = ours.rate / fastest(false);
  const byHand = ours.rate / fastest(true);
  const words = [
    `${name} ${ratio.toFixed(2)} (target ${target}${byHand > 0 ? `; gathered by hand ${byHand.toFixed(2)}` : ''})`,
  ];
  if (!(ratio >= target)) missed.push(`${name} ${ratio.toFixed(2)} < ${target}`);
  if (job.task === 'pretrain' && !cores) {
    const most = Math.max(...Object.values(peak));
    const reached = (pretrainingFlops(job) * 1e-6) / ours.median;
    const share = reached / most;
    words.push(`${Math.round(100 * share)} % of the GEMM peak`);
    const measured = Object.entries(peak).map(([library, rate]) => `${library} ${rate.toFixed(0)}`);
    console.log(
      `${(pretrainingFlops(job) * 1e-9).toFixed(1)} GFLOP in matrix products: ${reached.toFixed(0)} GFLOP/s over the whole step, ` +
        `${(100 * share).toFixed(0)} % of the core's peak (${measured.join(', ')}; target ${100 * peakTarget} %)`,
    );
    if (name === 'mini' && share < peakTarget)
      missed.push(`GEMM peak ${Math.round(100 * share)} % < ${100 * peakTarget} %`);
  }
  summary.push(words.join(', '));
}

// Tokens/s of one BERT pretraining step: Regatta's compiled engine beside PyTorch on the same batch and cores, step by step in turn, so that a
// drifting machine drifts for all alike. Dropout, padding mask, both heads, clipping and AdamW are on all sides.
//   npm run build && npm run bench:compute -- [--size mini|tiny] [--threads 1] [--steps 20]        PYTHON=… names a Python that has PyTorch
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { pythonWithTorch } from '../python.mjs';
import { makeJob } from './job.mjs';

const { values: args } = parseArgs({
  options: {
    size: { type: 'string', default: 'mini' },
    threads: { type: 'string', default: '1' },
    steps: { type: 'string', default: '20' },
  },
});
const steps = Number(args.steps);
const warmup = 3;
/** With dropout 0.1 ours must be at least as fast as the fastest PyTorch that runs every layer on every row. */
const target = 1;

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'regatta-bench-'));
const python = pythonWithTorch();
const intel = await vendorCheckDefeated();
const rows = [];
try {
  for (const dropout of [0, 0.1]) rows.push(...(await measure(dropout)));
} finally {
  await rm(folder, { recursive: true, force: true });
}
report();

/** All variants at one rate, a step each in turn. */
async function measure(dropout) {
  const job = makeJob(args.size, { threads: Number(args.threads), dropout });
  const file = join(folder, `job-${dropout}.json`);
  await writeFile(file, JSON.stringify(job));
  const torch = (name, variant, env) => start(name, python, [here('torch_step.py'), file, variant], env);
  const runners = [
    start('Regatta, compiled', process.execPath, [here('step.mjs'), file]),
    torch('PyTorch', 'plain'),
    torch('PyTorch, last layer gathered by hand', 'gathered'),
    ...(intel
      ? [
          torch('PyTorch, MKL on AVX-512', 'plain', intel),
          torch('PyTorch, MKL on AVX-512, gathered', 'gathered', intel),
        ]
      : []),
  ];
  const took = runners.map(() => []);
  let losses = [];
  try {
    for (const runner of runners) await runner.line();
    for (let step = 0; step < warmup + steps; step++) {
      losses = [];
      for (const [i, runner] of runners.entries()) {
        runner.child.stdin.write('step\n');
        const { ms, loss } = JSON.parse(await runner.line());
        losses.push(loss);
        if (step >= warmup) took[i].push(ms);
      }
    }
  } finally {
    for (const { child } of runners) child.stdin.end();
  }
  const tokens = job.shape.batch * job.shape.length;
  return runners.map(({ name }, i) => {
    const sorted = took[i].toSorted((a, b) => a - b);
    const median = sorted[sorted.length >> 1];
    return { name, dropout, best: sorted[0], median, tokens: (tokens / median) * 1e3, loss: losses[i] };
  });
}

function start(name, command, commandArgs, env = {}) {
  const child = spawn(command, commandArgs, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} ended early`);
    return value;
  };
  return { name, child, line };
}

/** On AMD, MKL takes AVX2 because of a vendor check, which one exported symbol answers otherwise: the honest baseline there. */
async function vendorCheckDefeated() {
  if (!cpus()[0].model.includes('AMD')) return undefined;
  const source = join(folder, 'intel.c');
  const library = join(folder, 'libintel.so');
  await writeFile(source, 'int mkl_serv_intel_cpu_true() { return 1; }\n');
  if (spawnSync('cc', ['-shared', '-fPIC', source, '-o', library]).status !== 0) {
    console.log(
      'No C compiler: PyTorch is measured as installed only, where MKL does not use AVX-512 on this processor.',
    );
    return undefined;
  }
  return { LD_PRELOAD: library };
}

function report() {
  const { config, shape } = makeJob(args.size, { threads: 1, dropout: 0 });
  console.log(
    `BERT L${config.numHiddenLayers} D${config.hiddenSize} V${config.vocabSize}, ${shape.batch} × ${shape.length} tokens, ` +
      `${args.threads} thread(s) of ${cpus()[0].model}, ${steps} steps in turn`,
  );
  console.log('| step | dropout | ms, median | ms, best | tokens/s | loss |\n|---|---|---|---|---|---|');
  for (const { name, dropout, median, best, tokens, loss } of rows) {
    const figures = [median.toFixed(1), best.toFixed(1), Math.round(tokens), loss.toFixed(3)];
    console.log(`| ${name} | ${dropout} | ${figures.join(' | ')} |`);
  }
  const ratios = [0, 0.1].map((dropout) => {
    const [ours, ...theirs] = rows.filter((row) => row.dropout === dropout);
    const against = (gathered) => {
      const fastest = Math.max(
        ...theirs.filter((row) => row.name.includes('gathered') === gathered).map((row) => row.tokens),
      );
      return ours.tokens / fastest;
    };
    return { dropout, plain: against(false), gathered: against(true) };
  });
  const missed = ratios[1].plain < target;
  const words = ratios.map(
    ({ dropout, plain, gathered }) =>
      `${plain.toFixed(2)} at dropout ${dropout} (gathered by hand: ${gathered.toFixed(2)})`,
  );
  console.log(
    `tokens/s of Regatta over the fastest PyTorch: ${words.join(', ')}${missed ? `, below the target ${target}` : ''}`,
  );
  process.exitCode = missed ? 1 : 0;
}

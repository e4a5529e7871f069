// What this machine's engines compute, and how fast: the gradient of one step of BERT with dropout beside the compiled engine's on the
// processor, tokens/s of each, and PyTorch's on the GPU where a Python with PyTorch is named. The result is one JSON, for docs/gpu.md.
//   npm run bench:gpu -- [--size mini|tiny] [--steps 20]        PYTHON=… names a Python that has PyTorch; without one it is left out
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { makeJob } from '../compute/job.mjs';

/** Of the norm of the difference over the gradient's norm. */
const mostApart = 1e-4;
const kinds = ['compiled', 'compiled:cuda', 'compiled:webgpu', 'tfjs-node-gpu', 'tfjs-node'];

const { values: args } = parseArgs({
  options: { size: { type: 'string', default: 'mini' }, steps: { type: 'string', default: '20' } },
});
const here = (name) => path.join(import.meta.dirname, name);
const folder = mkdtempSync(path.join(tmpdir(), 'regatta-bench-'));
try {
  const job = makeJob(args.size, { threads: cpus().length, dropout: 0.1 });
  const jobFile = path.join(folder, 'job.json');
  writeFileSync(jobFile, JSON.stringify(job));
  const { batch, length } = job.shape;
  const rate = (ms) => Math.round((batch * length * 1000) / ms);
  const gradients = new Map();
  const engines = kinds.map((kind) => {
    const gradientFile = path.join(folder, `${kind}.f32`);
    const { problem, loss, ms } = lastLine(process.execPath, [
      here('engine.mjs'),
      kind,
      jobFile,
      gradientFile,
      args.steps,
    ]);
    if (problem !== null) return { engine: kind, problem };
    gradients.set(kind, floats(gradientFile));
    return {
      engine: kind,
      loss,
      gradientApart: apart(gradients.get(kind), gradients.get('compiled')),
      tokensPerSecond: rate(ms),
    };
  });
  const result = {
    date: new Date().toISOString(),
    processor: cpus()[0].model,
    gpu: nvidia(),
    step: { ...job.config, batch, length, dropout: job.dropout, threads: job.threads, steps: Number(args.steps) },
    engines,
    pytorch: pytorch(jobFile, rate),
  };
  console.log(JSON.stringify(result, null, 2));
  const wrong = engines.filter(({ gradientApart = 0 }) => !(gradientApart <= mostApart));
  for (const { engine } of wrong) console.error(`${engine}: its gradient is more than ${mostApart} apart`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** What a program printed last, parsed; what it lacked or why it crashed as its `problem`. */
function lastLine(command, commandArgs, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, commandArgs, { encoding: 'utf8', ...options });
  if (status === 0) return JSON.parse(stdout.trimEnd().split('\n').at(-1));
  return { problem: error?.message ?? stderr.trimEnd().split('\n').at(-1) };
}

function floats(file) {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

function apart(ours, theirs) {
  const norm = (values) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
  return norm(ours.map((x, i) => x - theirs[i])) / norm(theirs);
}

function nvidia() {
  const query = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader'];
  const { status, stdout } = spawnSync('nvidia-smi', query, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

/** The same step in PyTorch, on the GPU where it sees one. */
function pytorch(jobFile, rate) {
  if (!process.env.PYTHON) return { problem: 'no PYTHON with PyTorch is named' };
  const job = JSON.parse(readFileSync(jobFile, 'utf8'));
  const probe = 'import torch; print(torch.cuda.is_available())';
  const { stdout = '' } = spawnSync(process.env.PYTHON, ['-c', probe], { encoding: 'utf8' });
  const device = stdout.trim() === 'True' ? 'cuda' : 'cpu';
  writeFileSync(jobFile, JSON.stringify({ ...job, device }));
  const input = 'step\n'.repeat(Number(args.steps) + 3);
  const program = path.join(import.meta.dirname, '../compute/torch_step.py');
  const result = spawnSync(process.env.PYTHON, [program, jobFile, 'gathered'], { encoding: 'utf8', input });
  if (result.status !== 0) return { problem: result.stderr.trimEnd().split('\n').at(-1) };
  const lines = result.stdout
    .trim()
    .split('\n')
    .slice(1 + 3)
    .map((line) => JSON.parse(line));
  const sorted = lines.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return { device, tokensPerSecond: rate(sorted[sorted.length >> 1]) };
}

import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mallocSettings } from '../../apps/worker/dist/agent/malloc-settings.js';
import { startRunner } from './runner.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const canPin = spawnSync('taskset', ['-V']).status === 0;

/** What a variant of PyTorch is called, and whether it is a baseline that has a target. */
export const torchVariants = {
  plain: { name: 'PyTorch, eager', baseline: true },
  compile: { name: 'PyTorch, torch.compile', baseline: true },
  gathered: { name: 'PyTorch, eager, last layer gathered by hand', baseline: false },
  'compile-gathered': { name: 'PyTorch, torch.compile, gathered by hand', baseline: false },
  stock: { name: "transformers' BertForPreTraining as installed", baseline: false },
};

/** Starts a process on some cores, as a trainer's is started: with its settings of malloc, which PyTorch gains from too. */
export function startOn(cores, name, command, args, env = {}) {
  const [file, rest] = canPin ? ['taskset', ['-c', cores, command, ...args]] : [command, args];
  return startRunner(name, file, rest, { ...mallocSettings, ...env });
}

export const startOurs = (cores, name, file, shards = []) =>
  startOn(cores, name, process.execPath, [here('step.mjs'), file, ...shards]);

/** What torch.compile has made, so that it compiles once a machine. */
const compiled = { TORCHINDUCTOR_CACHE_DIR: here('../../node_modules/.cache/torchinductor') };

/**
 * On AMD, MKL takes AVX2 because of a vendor check; `intel` is the environment in which it does not. transformers is as it is installed. What
 * torch.compile compiles it compiles on all cores, with a C++ compiler that the machine must have, and goes to its own cores then.
 */
export function startTorch(cores, python, file, variant, intel) {
  const { name, baseline } = torchVariants[variant];
  const step = [here('torch_step.py'), file, variant];
  if (!variant.startsWith('compile'))
    return { ...startOn(cores, name, python, step, variant === 'stock' ? {} : intel), baseline };
  const env = { ...mallocSettings, ...intel, ...compiled };
  return { ...startRunner(name, python, canPin ? [...step, cores] : step, env), baseline };
}

/** The honest baseline on AMD: one exported symbol answers MKL's vendor check otherwise. Elsewhere nothing is needed. */
export async function vendorCheckDefeated(folder) {
  if (!cpus()[0].model.includes('AMD')) return {};
  const source = join(folder, 'intel.c');
  const library = join(folder, 'libintel.so');
  await writeFile(source, 'int mkl_serv_intel_cpu_true() { return 1; }\n');
  if (spawnSync('cc', ['-shared', '-fPIC', source, '-o', library]).status !== 0) {
    console.log('No C compiler: MKL does not use AVX-512 on this processor, so PyTorch is slower than it could be.');
    return {};
  }
  return { LD_PRELOAD: library };
}

/** Best of each library on one core, GFLOP/s, over the products of the bert-mini step and a large square one. */
export async function gemmPeak(python, intel, rounds = 5) {
  const shapes = JSON.stringify([
    [512, 256, 1024],
    [2048, 1024, 256],
    [2048, 256, 256],
    [1024, 1024, 1024],
  ]);
  const runners = [
    startOn('0', 'onnxruntime', process.execPath, [here('gemm.mjs'), shapes]),
    startOn('0', 'MKL and OpenBLAS', python, [here('gemm.py'), shapes], intel),
  ];
  const best = {};
  try {
    for (const runner of runners) await runner.line();
    for (let round = 0; round < rounds; round++) {
      for (const runner of runners) {
        for (const [library, rate] of Object.entries(JSON.parse(await runner.ask('go')))) {
          best[library] = Math.max(best[library] ?? 0, rate);
        }
      }
    }
  } finally {
    for (const runner of runners) runner.end();
  }
  return best;
}

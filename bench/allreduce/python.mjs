import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A Python with PyTorch: the one named by PYTHON, else a virtual environment of the benchmarks' own, made at the first use. */
export function pythonWithTorch() {
  if (process.env.PYTHON) {
    return process.env.PYTHON;
  }
  const folder = fileURLToPath(new URL('../../node_modules/.cache/regatta-venv', import.meta.url));
  const python = `${folder}/bin/python`;
  const has = existsSync(python) && spawnSync(python, ['-c', 'import torch']).status === 0;
  if (!has) {
    console.log('Making a virtual environment with PyTorch (about 1 GB, once) …');
    run('python3', ['-m', 'venv', folder]);
    run(python, ['-m', 'pip', 'install', '--quiet', 'torch', 'numpy']);
  }
  return python;
}

function run(command, args) {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) {
    throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
  }
}

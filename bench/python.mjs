import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A Python that has PyTorch (and `modules`): the one named by PYTHON, else a virtual environment of our own, made at the first use. */
export const pythonWithTorch = (...modules) =>
  pythonWith('regatta-venv', 'PyTorch (several GB, once)', ['torch', 'numpy', ...modules]);

/** A Python that has schemathesis, likewise. */
export const pythonWithSchemathesis = () => pythonWith('regatta-schemathesis', 'schemathesis (once)', ['schemathesis']);

function pythonWith(environment, what, modules) {
  if (process.env.PYTHON) {
    return process.env.PYTHON;
  }
  const folder = fileURLToPath(new URL(`../node_modules/.cache/${environment}`, import.meta.url));
  const python = `${folder}/bin/python`;
  const has = existsSync(python) && spawnSync(python, ['-c', `import ${modules.join(', ')}`]).status === 0;
  if (!has) {
    console.log(`Making a virtual environment with ${what} …`);
    run('python3', ['-m', 'venv', folder]);
    run(python, ['-m', 'pip', 'install', '--quiet', ...modules]);
  }
  return python;
}

function run(command, args) {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) {
    throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
  }
}

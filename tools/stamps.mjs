import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cache, root } from './paths.mjs';

const skipped = new Set(['node_modules', 'dist', 'generated', '.venv', '__pycache__']);
const isSource = (name) => !/\.spec\.tsx?$|\.tsbuildinfo$/.test(name);

function filesOf(entry) {
  if (!existsSync(entry)) return [];
  if (statSync(entry).isFile()) return [entry];
  return readdirSync(entry, { withFileTypes: true })
    .filter((child) => !skipped.has(child.name) && isSource(child.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((child) => filesOf(path.join(entry, child.name)));
}

/** SHA-256 over the paths and contents of files and folders of the project. */
export function hashOf(inputs) {
  const hash = createHash('sha256');
  for (const file of inputs.flatMap((input) => filesOf(path.join(root, input)))) {
    hash
      .update(`${path.relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

const stampOf = (name) => path.join(cache, 'stamps', name);

/** Whether the inputs are those of the last time that `remember` was called for this step. */
export function isFresh({ name, inputs }) {
  return existsSync(stampOf(name)) && readFileSync(stampOf(name), 'utf8') === hashOf(inputs);
}

export function remember({ name, inputs }) {
  mkdirSync(path.dirname(stampOf(name)), { recursive: true });
  writeFileSync(stampOf(name), hashOf(inputs));
}

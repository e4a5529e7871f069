import { statfsSync } from 'node:fs';
import { PlainError } from './plain-error.mjs';

/** What a start writes at once (an empty database is 40 MB) and a small run's checkpoints. */
const needed = 128 * 1024 * 1024;

const free = (folder) => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
};
const megabytes = (bytes) => `${Math.floor(bytes / 1024 / 1024)} MB`;

/** @throws PlainError where a start would soon fail for want of space */
export function assertSpace(folder, bytes = free(folder)) {
  if (bytes >= needed) return;
  throw new PlainError(
    `The disk is full: ${megabytes(bytes)} are free in ${folder}, Regatta needs ${megabytes(needed)}; ` +
      'free some space, or set DATA_DIR to a folder on another disk.',
  );
}

/** Tells once when the disk gets nearly full while the stack runs. */
export function watchSpace(folder, notice) {
  let told = false;
  return setInterval(() => {
    const bytes = free(folder);
    if (bytes < needed && !told)
      notice(`The disk is nearly full: ${megabytes(bytes)} are free in ${folder}. Training stops when it is full.`);
    told = bytes < needed;
  }, 10_000);
}

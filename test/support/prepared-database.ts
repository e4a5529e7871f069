import { createHash } from 'node:crypto';
import {
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(root, '.cache/test-database');

/** What the folder of an embedded database with all migrations depends on. */
function fingerprint(): string {
  const migrations = path.join(root, 'prisma/migrations');
  const files = readdirSync(migrations, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.sql'));
  const program = path.join(root, 'node_modules/@electric-sql/pglite/package.json');
  const hash = createHash('sha256');
  for (const file of [program, ...files.sort().map((name) => path.join(migrations, name))])
    hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

const ready = (): string => path.join(folder, fingerprint());

export const isDatabasePrepared = (): boolean => existsSync(ready());

/**
 * Fills the folder `data` with an embedded database that has every table and no row. To make one from nothing takes seven seconds
 * of a processor, so one is kept for all tests.
 */
export function copyPreparedDatabase(data: string): void {
  cpSync(ready(), data, { recursive: true, mode: constants.COPYFILE_FICLONE });
}

/** Keeps a copy of this database, which nobody serves now. Of two that come at once the first one's is kept. */
export function keepPreparedDatabase(data: string): void {
  mkdirSync(folder, { recursive: true });
  const copy = mkdtempSync(path.join(folder, 'new-'));
  try {
    cpSync(data, path.join(copy, 'data'), { recursive: true });
    renameSync(path.join(copy, 'data'), ready());
  } catch (error) {
    if (!existsSync(ready())) throw error;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PlainError } from './plain-error.mjs';
import { isAlive, startOf } from './processes.mjs';

/**
 * Takes the installation's folder for this process, so that no second start opens the same database and Redis files.
 * A lock whose holder is dead is taken over; one whose holder is just stopping is waited for.
 * @param {string} dataDir
 * @returns {Promise<{note(state: object): void, release(): void, left: object | undefined}>}
 *   note adds to what the lock says; left is what a dead holder noted
 * @throws PlainError naming the running process
 */
export async function takeLock(dataDir, { patience = 20_000 } = {}) {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = path.join(dataDir, 'lock');
  const giveUp = Date.now() + patience;
  let left;
  for (;;) {
    if (create(file)) return held(file, left);
    const text = readFileSync(file, { encoding: 'utf8', flag: 'a+' });
    const holder = parse(text);
    if (!holder || !isAlive(holder.pid, holder.processStart)) {
      if (takeAway(file, text)) left = holder;
    } else if (holder.state === 'stopping' && Date.now() < giveUp) {
      await sleep(100);
    } else {
      const address = holder.url ? ` at ${holder.url}` : '';
      throw new PlainError(
        `Regatta is already ${holder.state} on ${dataDir}${address} (process ${holder.pid}): use that one, stop it, ` +
          'or start another beside it with PORT=3001 DATA_DIR=.regatta-2.',
      );
    }
  }
}

const mine = () => ({ pid: process.pid, processStart: startOf(process.pid), state: 'starting' });

/** Written apart and linked into place, so that nobody ever reads half a lock. */
function create(file) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(mine()), { mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Removes a dead holder's lock, unless another process has just replaced it by its own. */
function takeAway(file, seen) {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
  const same = readFileSync(aside, 'utf8') === seen;
  if (!same && !existsSync(file)) linkSync(aside, file);
  rmSync(aside);
  return same;
}

function held(file, left) {
  let state = mine();
  const write = () => {
    writeFileSync(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  return {
    left,
    note(more) {
      state = { ...state, ...more };
      write();
    },
    release: () => rmSync(file, { force: true }),
  };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

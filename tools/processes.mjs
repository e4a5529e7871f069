import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * When a process was started, in the system's own words: with the id it names one process for good, ids alone are used
 * again. Undefined where there is no such process (a zombie counts as none).
 */
export function startOf(pid) {
  if (process.platform === 'linux') {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return fields[0] === 'Z' ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

export const isAlive = (pid, start) => start !== undefined && startOf(pid) === start;

/** Asks a process that is not our child to end, and makes it end after `patience` ms. */
export async function endProcess({ pid, start }, patience) {
  const signal = (name) => {
    if (isAlive(pid, start)) process.kill(pid, name);
  };
  signal('SIGTERM');
  const giveUp = Date.now() + patience;
  while (isAlive(pid, start)) {
    if (Date.now() > giveUp) signal('SIGKILL');
    await sleep(50);
  }
}

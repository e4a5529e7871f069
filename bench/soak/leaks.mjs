import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { Redis } from 'ioredis';

const aRun = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/** Keys of runs on both servers. A run that is over has none. */
export async function keysOfRuns(urls) {
  const found = [];
  for (const url of urls) {
    const redis = new Redis(url);
    found.push(...(await redis.keys('*')).filter((one) => aRun.test(one)));
    redis.disconnect();
  }
  return found;
}

/** Every process below this one: [{pid, args}]. */
export function descendants(ancestor) {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).trim().split('\n');
  const all = lines
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .map(([, pid, parent, args]) => ({ pid: +pid, parent: +parent, args }));
  const found = new Set([ancestor]);
  for (let size = 0; size < found.size; ) {
    size = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return all.filter(({ pid }) => pid !== ancestor && found.has(pid));
}

/** Trainers of an installation's workers, also those whose worker is gone. `dataDir` stands in their environment. */
export function trainersOf(dataDir) {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('\0trainer\0') &&
          readFileSync(`/proc/${pid}/environ`, 'utf8').includes(dataDir)
        );
      } catch {
        return false;
      }
    })
    .map((pid) => `trainer ${pid}`);
}

/** Memory in MB and open files of a process now; null: it is gone (or this is not Linux). */
export function usage(pid) {
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1];
    return { megabytes: kilobytes / 1024, files: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return null;
  }
}

/** Slope of the line through [x, y] points by least squares. */
export function slope(points) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const x = mean(points.map(([at]) => at));
  const y = mean(points.map(([, value]) => value));
  const above = points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0);
  return above / points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
}

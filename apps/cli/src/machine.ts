import { execFileSync } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import process from 'node:process';

export interface Finding {
  what: string;
  /** missing: nothing works without it; optional: something of little use does not. */
  state: 'ok' | 'missing' | 'optional';
  found: string;
  /** What to do about it; empty where it is there. */
  next: string;
}

const gigabyte = 2 ** 30;

/** What this machine has of what Regatta needs. Changes nothing. */
export async function inspectMachine(port: number, url: string | null): Promise<Finding[]> {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const disk = statfsSync('.');
  const freeDisk = (disk.bavail * disk.bsize) / gigabyte;
  const memory = os.totalmem() / gigabyte;
  const gb = (value: number): string => `${value.toFixed(1)} GB`;
  const redis = version(['redis-server', 'valkey-server']);
  const chromium = version(['chromium', 'chromium-browser', 'google-chrome']);
  const python = version(['python3']);
  const free = url !== null || (await isFree(port));
  return [
    finding('Node', major > 20 || (major === 20 && minor >= 19), process.versions.node, 'Install Node 20.19 or newer.'),
    finding(
      'Redis',
      redis !== null,
      redis ?? 'not on PATH',
      'npm start fetches it through apt; elsewhere install Redis 6.2 or newer, or set REDIS_URL.',
    ),
    finding(
      `Port ${port}`,
      free,
      url === null ? (free ? 'free' : 'taken by another program') : 'the API answers there',
      'Choose another one: PORT=3100 npm start.',
    ),
    finding(
      'Cores',
      os.availableParallelism() >= 2,
      String(os.availableParallelism()),
      'One core works, slowly: WORKERS=1.',
      'optional',
    ),
    finding('Memory', memory >= 2, gb(memory), 'Below 2 GB only the debug presets fit: WORKERS=1.', 'optional'),
    finding(
      'Disk',
      freeDisk >= 2,
      `${gb(freeDisk)} free`,
      'Free 2 GB, or put DATA_DIR on another disk: checkpoints need it.',
    ),
    finding(
      'Chromium',
      chromium !== null,
      chromium ?? 'not on PATH',
      'Only the browser tests need it: npm test fetches it, or set CHROMIUM.',
      'optional',
    ),
    finding(
      'Python',
      python !== null,
      python ?? 'not on PATH',
      'Only benchmarks that compare with PyTorch need it: set PYTHON.',
      'optional',
    ),
  ];
}

const finding = (
  what: string,
  there: boolean,
  found: string,
  next: string,
  otherwise: 'missing' | 'optional' = 'missing',
): Finding => ({ what, state: there ? 'ok' : otherwise, found, next: there ? '' : next });

/** The first line that one of these programs says of its version; null: there is none. */
function version(programs: string[]): string | null {
  for (const program of programs) {
    try {
      return execFileSync(program, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split(
        '\n',
      )[0];
    } catch {}
  }
  return null;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

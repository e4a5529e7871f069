import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { PlainError, runMain } from './plain-error.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Arguments for tests and screenshots: no graphics card, and no calls home. */
export const chromiumArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * A Chromium for the browser test and the screenshots: $CHROMIUM, else one on PATH, else Debian's installed through apt
 * when we are root.
 * @returns {string} the program's path
 * @throws PlainError with one sentence that says what to do
 */
export function findChromium({ install = true } = {}) {
  for (const command of [process.env.CHROMIUM, ...names].filter(Boolean)) {
    const program = located(command);
    if (program) return program;
  }
  if (install && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log('Chromium is not installed: fetching it with apt…');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const apt = (...args) => spawnSync('apt-get', ['-qq', ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    apt('update');
    apt('install', '-y', '--no-install-recommends', 'chromium', 'fonts-liberation');
    const program = located('chromium');
    if (program) return program;
  }
  throw new PlainError(
    'The browser test needs Chromium: install it (apt-get install chromium, dnf install chromium, brew install chromium) ' +
      'or set CHROMIUM to its program.',
  );
}

/** The program's full path if it runs, undefined if it does not: playwright does not look on PATH. */
function located(command) {
  if (spawnSync(command, ['--version'], { stdio: 'ignore' }).status !== 0) return undefined;
  if (path.isAbsolute(command)) return command;
  return spawnSync('sh', ['-c', 'command -v "$0"', command], { encoding: 'utf8' }).stdout.trim();
}

if (process.argv[1] === import.meta.filename) await runMain(() => console.log(findChromium()));

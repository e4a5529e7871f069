// Node built-ins only: makes every npm script work from a bare clone, and is quick when there is nothing to do.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './paths.mjs';
import { PlainError, runMain } from './plain-error.mjs';
import { isFresh, remember } from './stamps.mjs';

const oldestNode = [20, 19];

/** What must be redone when which files change, in this order; `makes` are folders that must be there afterwards. */
const builds = [
  {
    name: 'prisma',
    says: 'Generating the database client…',
    inputs: ['prisma/schema.prisma', 'prisma.config.ts', 'package-lock.json'],
    makes: ['apps/api/src/generated/prisma'],
    command: ['prisma', 'generate'],
  },
  {
    name: 'typescript',
    says: 'Compiling…',
    inputs: ['libs', 'apps/api', 'apps/worker', 'apps/cli', 'tsconfig.json', 'tsconfig.base.json', 'package-lock.json'],
    makes: ['libs/config/dist', 'libs/contracts/dist', 'apps/api/dist', 'apps/worker/dist', 'apps/cli/dist'],
    command: ['tsc', '-b'],
  },
  {
    name: 'dashboard',
    says: 'Building the dashboard…',
    inputs: ['apps/dashboard', 'libs/contracts', 'libs/client', 'package-lock.json'],
    makes: ['apps/dashboard/dist'],
    command: ['npm', 'run', 'build', '-w', '@regatta/dashboard'],
  },
];

/**
 * Installs the dependencies when they are missing or not those of the lock file, and builds what has changed.
 * @param {{build?: boolean}} options build: false only installs
 * @throws PlainError when Node is too old, or a step failed (its own output stands above)
 */
export function bootstrap({ build = true } = {}) {
  checkNode();
  if (!dependenciesAreInstalled()) installDependencies();
  if (!build) return;
  for (const step of builds) {
    if (step.makes.every((folder) => existsSync(path.join(root, folder))) && isFresh(step)) continue;
    console.log(step.says);
    runStep(step.command, { quiet: true });
    remember(step);
  }
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  throw new PlainError(`Regatta needs Node ${oldestNode.join('.')} or newer; this is Node ${process.versions.node}.`);
}

/** Compares what npm noted in node_modules with the lock file; optional packages may be missing (other platforms). */
function dependenciesAreInstalled() {
  const packages = (file) => JSON.parse(readFileSync(path.join(root, file), 'utf8')).packages;
  if (!existsSync(path.join(root, 'node_modules/.package-lock.json'))) return false;
  const installed = packages('node_modules/.package-lock.json');
  return Object.entries(packages('package-lock.json')).every(
    ([name, wanted]) =>
      !name.includes('node_modules/') ||
      wanted.optional ||
      wanted.devOptional ||
      wanted.peer ||
      (wanted.link ? existsSync(path.join(root, name)) : installed[name]?.version === wanted.version),
  );
}

/** `--ignore-scripts`: no package's install script is needed, and some of them download things. */
function installDependencies() {
  console.log('Installing dependencies (once, a minute or so)…');
  const fresh = !existsSync(path.join(root, 'node_modules'));
  const command = fresh ? ['ci'] : ['install', '--no-save'];
  runStep(['npm', ...command, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
}

/** @param {string[]} command a program of node_modules/.bin or PATH with its arguments; its output is shown when it fails */
export function runStep([program, ...args], { quiet = false } = {}) {
  const bin = path.join(root, 'node_modules/.bin');
  const result = spawnSync(program, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH}`, PRISMA_HIDE_UPDATE_MESSAGE: '1' },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.status === 0) return;
  if (quiet) console.error(`${result.stdout ?? ''}${result.stderr ?? ''}`.trimEnd());
  const why = result.error?.message ?? (result.signal ? `signal ${result.signal}` : `exit code ${result.status}`);
  throw new PlainError(`\`${[program, ...args].join(' ')}\` failed (${why}).`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href)
  await runMain(() => bootstrap({ build: !process.argv.includes('--no-build') }));

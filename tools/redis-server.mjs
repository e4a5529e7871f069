import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { cache } from './paths.mjs';
import { PlainError } from './plain-error.mjs';

/** XTRIM MINID and XADD's NOMKSTREAM came with 6.2, which BullMQ asks for too. */
const oldest = [6, 2];
const names = ['redis-server', 'valkey-server'];
/** Where an ordinary user's copy is unpacked. */
const ours = path.join(cache, 'redis');

/**
 * A program that speaks Redis 6.2 or newer: one on PATH, else one installed through apt (as root), else one unpacked
 * from the distribution's packages into a folder of ours (as an ordinary user).
 * @param {{install?: boolean, folder?: string}} options install: false only looks; folder: where an unpacked one lives
 * @returns {{command: string, env: Record<string, string>, version: string}} env: what the program needs to run
 * @throws PlainError with one sentence that says what to do
 */
export function findRedis({ install = true, folder = ours } = {}) {
  const found = names.map((name) => probe(name, {})).find(Boolean) ?? findUnpacked(folder);
  if (found) return checked(found);
  if (install && existsSync('/usr/bin/apt-get')) {
    console.log('Redis is not installed: fetching it with apt…');
    const installed = process.getuid() === 0 ? installAsRoot() : unpackAsUser(folder);
    if (installed) return checked(installed);
  }
  throw new PlainError(
    'Redis is not installed and could not be fetched: install Redis 6.2 or newer (brew install redis, ' +
      'dnf install redis, apk add redis) or set REDIS_URL and GRADIENT_REDIS_URL to running servers.',
  );
}

function checked(redis) {
  const [major, minor] = redis.version.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return redis;
  throw new PlainError(
    `Redis ${redis.version} (${redis.command}) is too old: install Redis ${oldest.join('.')} or newer, ` +
      'or set REDIS_URL and GRADIENT_REDIS_URL to such servers.',
  );
}

function probe(command, env) {
  const { stdout } = spawnSync(command, ['--version'], { env: { ...process.env, ...env }, encoding: 'utf8' });
  const version = /v=(\d+\.\d+\.\d+)/.exec(stdout ?? '')?.[1];
  return version && { command, env, version };
}

function installAsRoot() {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) => spawnSync('apt-get', ['-qq', ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  apt('update');
  apt('install', '-y', '--no-install-recommends', 'redis-server');
  return probe('redis-server', {});
}

/** Lets apt resolve and download the packages into our folder, where an ordinary user may write, and unpacks them. */
function unpackAsUser(unpacked) {
  const folder = (name) => path.join(unpacked, name);
  for (const name of ['lists/partial', 'archives/partial', 'root']) mkdirSync(folder(name), { recursive: true });
  const settings = [
    `Dir::State::lists=${folder('lists')}`,
    `Dir::Cache=${unpacked}`,
    `Dir::Cache::archives=${folder('archives')}`,
    'Debug::NoLocking=1',
  ].flatMap((setting) => ['-o', setting]);
  const apt = (...args) =>
    spawnSync('apt-get', ['-qq', ...settings, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  apt('update');
  apt('install', '-y', '--download-only', '--no-install-recommends', '--reinstall', 'redis-server', 'redis-tools');
  for (const file of readdirSync(folder('archives')).filter((name) => name.endsWith('.deb')))
    execFileSync('dpkg', ['-x', path.join(folder('archives'), file), folder('root')]);
  return findUnpacked(unpacked);
}

function findUnpacked(unpacked) {
  const command = path.join(unpacked, 'root/usr/bin/redis-server');
  if (!existsSync(command)) return undefined;
  const libraries = ['usr/lib', 'lib']
    .map((name) => path.join(unpacked, 'root', name))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((triplet) => path.join(folder, triplet)));
  return probe(command, { LD_LIBRARY_PATH: libraries.join(':') });
}

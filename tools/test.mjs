// `npm test [-- jest's arguments]`: everything that the tests need, then the unit tests, then those on real processes. Two files
// at a time, as there are two cores: a file of the second kind mostly waits for processes, and servers of another are never its own.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { cache, root } from './paths.mjs';
import { runMain } from './plain-error.mjs';
import { findRedis } from './redis-server.mjs';

const results = path.join(cache, 'test-results');

await runMain(async () => {
  bootstrap();
  const env = environment(findRedis());
  const given = process.argv.slice(2);
  if (given.length > 0) return jest(['--runInBand', ...given], env);
  const { findChromium } = await import('./chromium.mjs');
  env.CHROMIUM = await findChromium();
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  const unit = jest(['--selectProjects', 'unit', '--maxWorkers=2', ...summaryTo('unit')], env);
  // A test that failed may have left a server behind, for which jest would wait for ever.
  const whole = jest(['--selectProjects', 'whole', '--maxWorkers=2', '--forceExit', ...summaryTo('whole')], env);
  writeSummary();
  return unit || whole;
});

function environment({ command, env }) {
  // Tests call `redis-server`: one that was unpacked stands first on their PATH.
  const unpacked = path.isAbsolute(command) ? [path.dirname(command)] : [];
  const PATH = [...unpacked, process.env.PATH].join(path.delimiter);
  return { ...process.env, ...env, PATH, NODE_OPTIONS: '--experimental-vm-modules --no-warnings' };
}

function jest(args, env) {
  const program = path.join(root, 'node_modules/jest/bin/jest.js');
  return spawnSync(process.execPath, [program, ...args], { cwd: root, env, stdio: 'inherit' }).status ?? 1;
}

function fileOf(name) {
  return path.join(results, `${name}.json`);
}

function summaryTo(name) {
  return ['--json', `--outputFile=${fileOf(name)}`];
}

/** Both parts' counts in one file, for .ci/run. A suite that could not even run counts as one failure. */
function writeSummary() {
  const parts = ['unit', 'whole'].map((name) => JSON.parse(readFileSync(fileOf(name), 'utf8')));
  const sum = (key) => parts.reduce((total, part) => total + part[key], 0);
  const summary = { passed: sum('numPassedTests'), failed: sum('numFailedTests') + sum('numRuntimeErrorTestSuites') };
  writeFileSync(fileOf('summary'), JSON.stringify(summary));
}

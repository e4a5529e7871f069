// `npm run install:tfjs-node`: @tensorflow/tfjs-node beside the other packages, for ENGINE=tfjs-node and the test that compares engines.
// The package's own install script downloads libtensorflow from a host of its own; here the binding is built against the library that a
// TensorFlow wheel from PyPI carries. With --if-possible a machine that lacks something is told so and nothing fails.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { bootstrap, runStep } from './bootstrap.mjs';
import { cache, root } from './paths.mjs';
import { PlainError, runMain } from './plain-error.mjs';

const version = '4.22.0';
/** The smallest wheel that works; the binding does not care for which Python it was made. */
const wheel = { name: 'tensorflow-cpu', version: '2.13.1', python: '3.11' };
const folder = path.join(root, 'node_modules/@tensorflow/tfjs-node');
const nodeHeaders = path.resolve(process.execPath, '../..');

/** Of the wheel only what is needed: the rest is some gigabytes. */
const unzip = `
import re, sys, zipfile
wanted = re.compile(r'tensorflow/(libtensorflow_(cc|framework)\\.so\\.2$|include/(tensorflow/c/|.*ctstring|.*tsl/c/|.*platform/))')
with zipfile.ZipFile(sys.argv[1]) as archive:
    for name in filter(wanted.match, archive.namelist()):
        archive.extract(name, sys.argv[2])
`;

await runMain(() => {
  const lacks = missing();
  if (lacks.length > 0) {
    const message = `tfjs-node is not installed: it needs ${lacks.join(', ')}, which this machine lacks.`;
    if (!process.argv.includes('--if-possible')) throw new PlainError(message);
    console.log(message);
    return;
  }
  bootstrap({ build: false });
  if (existsSync(path.join(folder, 'lib/napi-v8/tfjs_binding.node'))) return;
  console.log('Installing tfjs-node (about 200 MB from PyPI, a minute or two) …');
  const install = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  runStep(['npm', ...install, `@tensorflow/tfjs-node@${version}`]);
  fetchLibrary();
  build();
});

function missing() {
  const runs = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
  const needs = {
    'Linux on x64': process.platform === 'linux' && process.arch === 'x64',
    'python3 with pip': runs('python3', '-m', 'pip', '--version'),
    'g++': runs('g++', '--version'),
    make: runs('make', '--version'),
    [`Node's headers in ${path.join(nodeHeaders, 'include/node')}`]: existsSync(
      path.join(nodeHeaders, 'include/node/node_api.h'),
    ),
  };
  return Object.keys(needs).filter((need) => !needs[need]);
}

/** libtensorflow and its headers, from the wheel into the package's `deps`. */
function fetchLibrary() {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(path.join(cache, 'tfjs-node-'));
  try {
    const platforms = ['manylinux_2_17_x86_64', 'manylinux2014_x86_64'].flatMap((one) => ['--platform', one]);
    const target = ['--python-version', wheel.python, '--implementation', 'cp', ...platforms, '--only-binary=:all:'];
    const download = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', work, ...target];
    runStep(['python3', ...download, `${wheel.name}==${wheel.version}`], { quiet: true });
    const [file] = readdirSync(work);
    runStep(['python3', '-c', unzip, path.join(work, file), work], { quiet: true });
    const [deps, from] = [path.join(folder, 'deps'), path.join(work, 'tensorflow')];
    rmSync(deps, { recursive: true, force: true });
    mkdirSync(path.join(deps, 'lib'), { recursive: true });
    renameSync(path.join(from, 'include'), path.join(deps, 'include'));
    for (const library of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
      renameSync(path.join(from, library), path.join(deps, 'lib', library));
    }
    // for -ltensorflow, and the name that the package's install script takes for "is there already"
    for (const [link, to] of [
      ['libtensorflow.so', 'libtensorflow_cc.so.2'],
      ['libtensorflow.so.2.9.1', 'libtensorflow_cc.so.2'],
      ['libtensorflow_framework.so', 'libtensorflow_framework.so.2'],
    ]) {
      symlinkSync(to, path.join(deps, 'lib', link));
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function build() {
  // names a library of one's own: the script then builds the binding and downloads none
  writeFileSync(path.join(folder, 'scripts/custom-binary.json'), '{"tf-lib":"already in deps"}');
  const script = path.join(folder, 'scripts/install.js');
  runStep(['env', '-C', folder, `npm_config_nodedir=${nodeHeaders}`, process.execPath, script], { quiet: true });
}

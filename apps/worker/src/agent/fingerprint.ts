import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Device } from '@regatta/contracts';

/**
 * What must be equal in all members of a gang for their numbers to have the same bits: engine and its version, instruction set, threads a trainer,
 * code version, and where one computes the GPU. Read without loading a tensor library, which has no place in an agent.
 */
export function fingerprint(engine: string, threads: number, codeVersion: string, device: Device | null): string {
  const parts = [engine, engineVersion(engine), instructionSet(), `threads-${threads}`, `code-${codeVersion}`];
  return [...parts, ...(device ? [`gpu-${device.name.replaceAll(/\s+/g, '-')}`] : [])].join(' ');
}

/** The library that computes: its version decides which kernels there are. */
function engineVersion(engine: string): string {
  const library = engine.startsWith('compiled') ? 'onnxruntime-node' : '@tensorflow/tfjs-core';
  return `${library}-${packageVersion(library)}`;
}

/** From the package.json of an installed package; its `exports` may hide that file, so it is looked for above the entry point. */
function packageVersion(name: string): string {
  try {
    let folder = path.dirname(createRequire(import.meta.url).resolve(name));
    for (; folder !== path.dirname(folder); folder = path.dirname(folder)) {
      const manifest = readJson(path.join(folder, 'package.json'));
      if (manifest?.name === name) {
        return String(manifest.version);
      }
    }
  } catch {
    // Not installed here: then the trainer says so when it starts, with the advice that belongs to its engine.
  }
  return 'none';
}

function readJson(file: string): { name?: string; version?: string } | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
  } catch {
    return null;
  }
}

/** Kernels are chosen by what the processor can do: on Linux its flags (vector extensions and the like), elsewhere its model. */
function instructionSet(): string {
  let features = os.cpus()[0]?.model ?? 'unknown';
  try {
    const flags = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1].split(' ') ?? [];
    features = flags
      .filter((flag) => /^(sse|ssse|avx|fma|f16c|amx|asimd|sve|fp|bf16|i8mm|neon|vnni)/.test(flag))
      .sort()
      .join(' ');
  } catch {
    // No /proc: not Linux.
  }
  return `${os.arch()}-${createHash('sha256').update(features).digest('hex').slice(0, 8)}`;
}

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** The commit of the checkout that this program runs from, else (an image, a package) the version of the project. */
export function readCodeVersion(): string {
  try {
    const revision = ['rev-parse', '--short=12', 'HEAD'];
    return execFileSync('git', revision, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return readJson(path.join(root, 'package.json'))?.version ?? 'unknown';
  }
}

import { readFileSync } from 'node:fs';
import os from 'node:os';

/** Instruction sets that the matrix kernels choose their code by. */
const RELEVANT =
  /^(avx|avx2|fma|avx512(f|bw|dq|vl|_vnni|_bf16|_fp16)|avx_vnni|amx_(tile|int8|bf16)|asimd|asimddp|i8mm|bf16|sve2?)$/;

/** Platform, instruction set and Node's major version, e.g. `linux-x64 avx+avx2+fma+avx512f node-20`: where these are equal, bits are. */
export function machine(): string {
  return `${os.platform()}-${os.arch()} ${instructionSet()} node-${process.versions.node.split('.')[0]}`;
}

function instructionSet(): string {
  const fallback = os.cpus()[0]?.model.replaceAll(/\s+/g, '-') ?? 'unknown-cpu';
  if (os.platform() !== 'linux') return fallback;
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1];
  const flags =
    line
      ?.trim()
      .split(/\s+/)
      .filter((flag) => RELEVANT.test(flag)) ?? [];
  return flags.length > 0 ? flags.sort().join('+') : fallback;
}

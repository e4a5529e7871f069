/** Assembles the exchange's WebAssembly kernels and writes them as a module: `node libs/collective/tools/build-kernels.mjs`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import wabt from 'wabt';
import { bf16 } from './kernels/bf16.mjs';
import { hash } from './kernels/hash.mjs';
import { int8 } from './kernels/int8.mjs';

/** The TypeScript source that carries the kernels' module. */
export async function kernelsSource() {
  const vector = readFileSync(new URL('./kernels/vector.wat', import.meta.url), 'utf8');
  const text = `(module\n (memory (export "memory") 2 2)\n${vector}\n${bf16}\n${int8}\n${hash}\n)`;
  const module = (await wabt()).parseWat('kernels.wat', text, { simd: true });
  const base64 = Buffer.from(module.toBinary({}).buffer).toString('base64');
  const lines = base64.match(/.{1,110}/g).map((line) => `  '${line}'`);
  return `// Written by libs/collective/tools/build-kernels.mjs from libs/collective/tools/kernels; a test compares the two.\nexport const KERNELS_BASE64 =\n${lines.join(' +\n')};\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../src/vector/kernels.generated.ts', import.meta.url), await kernelsSource());
}

/** Assembles the WebAssembly kernels and writes them as a module: `node libs/engine/tools/build-kernels.mjs`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import wabt from 'wabt';
import { philox } from './kernels/philox.mjs';

const read = (name) => readFileSync(new URL(`./kernels/${name}`, import.meta.url), 'utf8');

/** The kernels' module as bytes. */
async function assembleKernels() {
  const text = `(module\n (import "env" "memory" (memory 1))\n${read('vector.wat')}\n${read('adamw.wat')}\n${philox}\n)`;
  const module = (await wabt()).parseWat('kernels.wat', text, { simd: true, bulk_memory: true });
  return Buffer.from(module.toBinary({}).buffer);
}

/** The TypeScript source that carries them. */
export async function kernelsSource() {
  const base64 = (await assembleKernels()).toString('base64');
  const lines = base64.match(/.{1,110}/g).map((line) => `  '${line}'`);
  return `// Written by libs/engine/tools/build-kernels.mjs from libs/engine/tools/kernels; a test compares the two.\nexport const KERNELS_BASE64 =\n${lines.join(' +\n')};\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../src/memory/kernels.generated.ts', import.meta.url), await kernelsSource());
}

import { KERNELS_BASE64 } from './kernels.generated.js';

/** The WebAssembly kernels over one memory; every pointer is a byte offset into it, every n a number of floats. */
export interface Kernels {
  add(target: number, source: number, n: number): void;
  sumOfSquares(source: number, n: number): number;
  addRows(table: number, rows: number, ids: number, n: number, width: number): void;
  adamw(
    w: number,
    g: number,
    m: number,
    v: number,
    n: number,
    scale: number,
    beta1: number,
    beta2: number,
    rest1: number,
    rest2: number,
    rate: number,
    epsilon: number,
    keep: number,
  ): void;
  philox(
    target: number,
    bytes: number,
    seed: number,
    step: number,
    site: number,
    shard: number,
    firstBlock: number,
    threshold: number,
  ): void;
}

let compiled: WebAssembly.Module | undefined;

/** Instantiates the kernels on `memory`; the module itself is compiled once a process. */
export function kernelsOn(memory: WebAssembly.Memory): Kernels {
  compiled ??= new WebAssembly.Module(new Uint8Array(Buffer.from(KERNELS_BASE64, 'base64')));
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Kernels;
}

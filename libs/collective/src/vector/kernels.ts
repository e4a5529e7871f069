import { KERNELS_BASE64 } from './kernels.generated.js';

/** What tools/kernels makes; operands at 0 and at 65536 of their memory. */
interface Kernels {
  memory: WebAssembly.Memory;
  add(floats: number): void;
  hash(seed: number, bytes: number): number;
  round(floats: number): void;
  addRounded(floats: number): void;
  pack(floats: number): void;
  unpack(floats: number): void;
  round8(floats: number, seed: number, step: number, counter: number, site: number, first: number, count: number): void;
  addRounded8: Kernels['round8'];
  pack8(floats: number): void;
  unpack8(floats: number): void;
}

const module = new WebAssembly.Module(new Uint8Array(Buffer.from(KERNELS_BASE64, 'base64')));
export const kernels = new WebAssembly.Instance(module).exports as unknown as Kernels;

/** Bytes of each of the two rooms. All that lies elsewhere passes through them in pieces of this size, which stay in the nearest caches. */
export const roomBytes = 65536;
export const roomFloats = roomBytes / 4;
const room = (at: number) => ({
  bytes: new Uint8Array(kernels.memory.buffer, at, roomBytes),
  floats: new Float32Array(kernels.memory.buffer, at, roomFloats),
});
export const [first, second] = [room(0), room(roomBytes)];

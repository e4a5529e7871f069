import { KERNELS_BASE64 } from './kernels.generated.js';

/** What tools/kernels makes; operands at 0 and at 65536 of their memory. */
interface Kernels {
  memory: WebAssembly.Memory;
  add(floats: number): void;
  hash(seed: number, bytes: number): number;
}

const module = new WebAssembly.Module(new Uint8Array(Buffer.from(KERNELS_BASE64, 'base64')));
const kernels = new WebAssembly.Instance(module).exports as unknown as Kernels;

/** Bytes of each of the two rooms. All that lies elsewhere passes through them in pieces of this size, which stay in the nearest caches. */
const roomBytes = 65536;
const roomFloats = roomBytes / 4;
const firstBytes = new Uint8Array(kernels.memory.buffer, 0, roomBytes);
const first = new Float32Array(kernels.memory.buffer, 0, roomFloats);
const second = new Float32Array(kernels.memory.buffer, roomBytes, roomFloats);

/** dst += src, element by element, with one rounding each: the bits of the plain loop. */
export function addVectors(dst: Float32Array, src: Float32Array): void {
  for (let at = 0; at < dst.length; at += roomFloats) {
    const piece = dst.subarray(at, at + roomFloats);
    first.set(piece);
    second.set(src.subarray(at, at + piece.length));
    kernels.add(piece.length);
    piece.set(first.subarray(0, piece.length));
  }
}

/**
 * 32 bits that tell whether bytes have been altered: always where that is within one aligned word, else but for one case in 2³². Not for secrets.
 * Zeros at the end do not count, so the length must be known beside it.
 */
export function hashOf(bytes: Uint8Array): number {
  let hash = 0;
  for (let at = 0; at < bytes.length; at += roomBytes) {
    const piece = bytes.subarray(at, at + roomBytes);
    firstBytes.set(piece);
    const whole = Math.ceil(piece.length / 128) * 128;
    firstBytes.fill(0, piece.length, whole);
    // a bijection of either, as within a piece
    const mixed = hash ^ kernels.hash(at, whole);
    hash = Math.imul((mixed << 13) | (mixed >>> 19), 0x9e3779b1);
  }
  return hash >>> 0;
}

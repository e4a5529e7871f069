import { KERNELS_BASE64 } from './kernels.generated.js';

/** What tools/kernels makes; operands at 0 and at 65536 of their memory. */
interface Kernels {
  memory: WebAssembly.Memory;
  add(floats: number): void;
  hash(seed: number, bytes: number): number;
  toBf16(floats: number): void;
  fromBf16(floats: number): void;
}

const module = new WebAssembly.Module(new Uint8Array(Buffer.from(KERNELS_BASE64, 'base64')));
const kernels = new WebAssembly.Instance(module).exports as unknown as Kernels;

/** Bytes of each of the two rooms. All that lies elsewhere passes through them in pieces of this size, which stay in the nearest caches. */
const roomBytes = 65536;
const roomFloats = roomBytes / 4;
const first = { bytes: new Uint8Array(kernels.memory.buffer, 0, roomBytes), floats: room(0) };
const second = {
  bytes: new Uint8Array(kernels.memory.buffer, roomBytes, roomBytes),
  floats: room(roomBytes),
};

function room(at: number): Float32Array {
  return new Float32Array(kernels.memory.buffer, at, roomFloats);
}

/** dst += src, element by element, with one rounding each: the bits of the plain loop. */
export function addVectors(dst: Float32Array, src: Float32Array): void {
  for (let at = 0; at < dst.length; at += roomFloats) {
    const piece = dst.subarray(at, at + roomFloats);
    first.floats.set(piece);
    second.floats.set(src.subarray(at, at + piece.length));
    kernels.add(piece.length);
    piece.set(first.floats.subarray(0, piece.length));
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
    first.bytes.set(piece);
    const whole = Math.ceil(piece.length / 128) * 128;
    first.bytes.fill(0, piece.length, whole);
    hash = kernels.hash(hash, whole);
  }
  return hash >>> 0;
}

/** to = the bfloat16 nearest to each float (ties to even), two bytes each, little-endian. */
export function toBf16(from: Float32Array, to: Uint8Array): void {
  for (let at = 0; at < from.length; at += roomFloats) {
    const piece = from.subarray(at, at + roomFloats);
    first.floats.set(piece);
    kernels.toBf16(piece.length);
    to.set(second.bytes.subarray(0, 2 * piece.length), 2 * at);
  }
}

/** to = the floats that these bfloat16 numbers are, exactly. */
export function fromBf16(from: Uint8Array, to: Float32Array): void {
  for (let at = 0; at < to.length; at += roomFloats) {
    const piece = to.subarray(at, at + roomFloats);
    second.bytes.set(from.subarray(2 * at, 2 * (at + piece.length)));
    kernels.fromBf16(piece.length);
    piece.set(first.floats.subarray(0, piece.length));
  }
}

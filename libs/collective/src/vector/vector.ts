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
}

const module = new WebAssembly.Module(new Uint8Array(Buffer.from(KERNELS_BASE64, 'base64')));
const kernels = new WebAssembly.Instance(module).exports as unknown as Kernels;

/** Bytes of each of the two rooms. All that lies elsewhere passes through them in pieces of this size, which stay in the nearest caches. */
const roomBytes = 65536;
const roomFloats = roomBytes / 4;
const room = (at: number) => ({
  bytes: new Uint8Array(kernels.memory.buffer, at, roomBytes),
  floats: new Float32Array(kernels.memory.buffer, at, roomFloats),
});
const [first, second] = [room(0), room(roomBytes)];

/** The bytes under a vector, as a view. */
export function bytesOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

/** dst += src, element by element, with one rounding each: the bits of the plain loop. */
export function addVectors(dst: Float32Array, src: Float32Array): void {
  addPieces(dst, src, kernels.add);
}

/** dst = the bfloat16 nearest to dst + src, which is rounded to a float first. */
export function addToBf16(dst: Float32Array, src: Float32Array): void {
  addPieces(dst, src, kernels.addRounded);
}

function addPieces(dst: Float32Array, src: Float32Array, add: (floats: number) => void): void {
  for (let at = 0; at < dst.length; at += roomFloats) {
    const piece = dst.subarray(at, at + roomFloats);
    first.floats.set(piece);
    second.floats.set(src.subarray(at, at + piece.length));
    add(piece.length);
    piece.set(first.floats.subarray(0, piece.length));
  }
}

/** Each float becomes the bfloat16 nearest to it, ties to even; what is too large becomes infinite, a NaN stays one. */
export function roundToBf16(vector: Float32Array): void {
  for (let at = 0; at < vector.length; at += roomFloats) {
    const piece = vector.subarray(at, at + roomFloats);
    first.floats.set(piece);
    kernels.round(piece.length);
    piece.set(first.floats.subarray(0, piece.length));
  }
}

/** to = the floats, rounded as `roundToBf16` does, in two bytes each (little-endian). */
export function packBf16(from: Float32Array, to: Uint8Array): void {
  for (let at = 0; at < from.length; at += roomFloats) {
    const piece = from.subarray(at, at + roomFloats);
    first.floats.set(piece);
    kernels.pack(piece.length);
    to.set(second.bytes.subarray(0, 2 * piece.length), 2 * at);
  }
}

/** to = the floats that these bfloat16 numbers are, exactly. */
export function unpackBf16(from: Uint8Array, to: Float32Array): void {
  for (let at = 0; at < to.length; at += roomFloats) {
    const piece = to.subarray(at, at + roomFloats);
    second.bytes.set(from.subarray(2 * at, 2 * (at + piece.length)));
    kernels.unpack(piece.length);
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
    // a bijection of either, as within a piece
    const mixed = hash ^ kernels.hash(at, whole);
    hash = Math.imul((mixed << 13) | (mixed >>> 19), 0x9e3779b1);
  }
  return hash >>> 0;
}

import { first, kernels, roomBytes, roomFloats, second } from './kernels.js';

/** The bytes under a vector, as a view. */
export function bytesOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

/** dst += src, element by element, with one rounding each: the bits of the plain loop. */
export function addVectors(dst: Float32Array, src: Float32Array): void {
  addPieces(dst, src, kernels.add);
}

/** dst = `add` of dst and src, a room at a time; it is given how many floats there are, and where they begin. */
export function addPieces(dst: Float32Array, src: Float32Array, add: (floats: number, at: number) => void): void {
  for (let at = 0; at < dst.length; at += roomFloats) {
    const piece = dst.subarray(at, at + roomFloats);
    first.floats.set(piece);
    second.floats.set(src.subarray(at, at + piece.length));
    add(piece.length, at);
    piece.set(first.floats.subarray(0, piece.length));
  }
}

/** vector = `change` of it, as `addPieces`. */
export function changePieces(vector: Float32Array, change: (floats: number, at: number) => void): void {
  for (let at = 0; at < vector.length; at += roomFloats) {
    const piece = vector.subarray(at, at + roomFloats);
    first.floats.set(piece);
    change(piece.length, at);
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

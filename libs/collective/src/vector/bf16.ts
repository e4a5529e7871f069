import { first, kernels, roomFloats, second } from './kernels.js';
import type { Rounding } from './rounding.js';
import { addPieces, changePieces } from './vector.js';

/** The nearest bfloat16, ties to even: what is too large becomes infinite, a NaN stays one. Two bytes each on their way, little-endian. */
export const bf16: Rounding = {
  block: 1,
  chunkFloats: 1 << 17,
  bytes: (floats) => 2 * floats,
  round: (vector) => changePieces(vector, kernels.round),
  add: (dst, src) => addPieces(dst, src, kernels.addRounded),

  pack(from, to) {
    for (let at = 0; at < from.length; at += roomFloats) {
      const piece = from.subarray(at, at + roomFloats);
      first.floats.set(piece);
      kernels.pack(piece.length);
      to.set(second.bytes.subarray(0, 2 * piece.length), 2 * at);
    }
  },

  unpack(from, to) {
    for (let at = 0; at < to.length; at += roomFloats) {
      const piece = to.subarray(at, at + roomFloats);
      second.bytes.set(from.subarray(2 * at, 2 * (at + piece.length)));
      kernels.unpack(piece.length);
      piece.set(first.floats.subarray(0, piece.length));
    }
  },
};

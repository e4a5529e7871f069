import { first, kernels, roomFloats, second } from './kernels.js';
import type { Node, Rounding } from './rounding.js';
import { addPieces, changePieces } from './vector.js';

const block = 32;
/** The site of its random numbers: FNV-1a of "exchange.int8", as `siteNumber` has it. */
const site = 0xe537fc11;

/**
 * Blocks of 32 numbers of 8 bits that share a power of two (the layout of MXINT8: Rouhani et al., "Microscaling data formats", 2023), rounded
 * stochastically (Alistarh et al., "QSGD", 2017): up or down at random, so that the mean is the number itself. The random numbers are those of Philox for
 * (seed, step; block, node): the same whoever makes the node, and again when it is made again.
 * A block with a number that is not finite, or above 127 · 2¹²¹, becomes NaN. On their way: a byte of the scale, then the numbers.
 */
export function int8(seed: number): Rounding {
  const place = ({ step, first, count }: Node, from: number): [number, number, number, number, number, number] => [
    seed,
    step,
    from / 8,
    site,
    first,
    count,
  ];
  return {
    block,
    chunkFloats: 1 << 18,
    bytes: (floats) => floats + Math.ceil(floats / block),

    round: (vector, node, from) =>
      changePieces(vector, (floats, at) => kernels.round8(padded(floats), ...place(node, from + at))),

    add: (dst, src, node, from) =>
      addPieces(dst, src, (floats, at) => {
        second.floats.fill(0, floats, padded(floats));
        kernels.addRounded8(padded(floats), ...place(node, from + at));
      }),

    pack(from, to) {
      for (let at = 0; at < from.length; at += roomFloats) {
        const piece = from.subarray(at, at + roomFloats);
        first.floats.set(piece);
        kernels.pack8(padded(piece.length));
        to.set(second.bytes.subarray(0, this.bytes(piece.length)), this.bytes(at));
      }
    },

    unpack(from, to) {
      for (let at = 0; at < to.length; at += roomFloats) {
        const piece = to.subarray(at, at + roomFloats);
        second.bytes.set(from.subarray(this.bytes(at), this.bytes(at + piece.length)));
        kernels.unpack8(Math.ceil(piece.length / block) * block);
        piece.set(first.floats.subarray(0, piece.length));
      }
    },
  };
}

/** Fills the first room up to whole blocks with zeros: how many floats there are then. */
function padded(floats: number): number {
  const whole = Math.ceil(floats / block) * block;
  first.floats.fill(0, floats, whole);
  return whole;
}

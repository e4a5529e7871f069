import { addToBf16, addVectors, bytesOf, packBf16, roundToBf16, unpackBf16 } from './vector.js';

/**
 * How a step's flat vectors are added and travel. In the first `rounded` floats every node of the tree of sums, each shard's gradient too, is
 * rounded to bfloat16, as it travels; what lies behind them (losses, counts) stays exact. So whichever nodes a rank holds or sends, the bits
 * are the same: as without compression, the number of ranks does not touch them. `from` is where a stretch begins in the whole vector.
 */
export class VectorFormat {
  /** `rounded`: 0 for the exact exchange, in which vectors travel as they are. */
  constructor(readonly rounded = 0) {}

  /** Bytes of the stretch [from, to) on its way. */
  bytes(from: number, to: number): number {
    return 4 * (to - from) - 2 * this.within(from, to - from);
  }

  /** Whether a stretch travels in other bytes than those that it has in memory. */
  packs(from: number): boolean {
    return from < this.rounded;
  }

  /** Writes a stretch into `to`, as it travels. */
  pack(stretch: Float32Array, from: number, to: Uint8Array): void {
    const rounded = this.within(from, stretch.length);
    packBf16(stretch.subarray(0, rounded), to);
    to.set(bytesOf(stretch.subarray(rounded)), 2 * rounded);
  }

  /** Reads a stretch back. */
  unpack(bytes: Uint8Array, from: number, to: Float32Array): void {
    const rounded = this.within(from, to.length);
    unpackBf16(bytes.subarray(0, 2 * rounded), to.subarray(0, rounded));
    bytesOf(to.subarray(rounded)).set(bytes.subarray(2 * rounded));
  }

  /** dst += src, for two stretches that are nodes of the tree: makes the node above them. */
  add(dst: Float32Array, src: Float32Array, from = 0): void {
    const rounded = this.within(from, dst.length);
    addToBf16(dst.subarray(0, rounded), src.subarray(0, rounded));
    addVectors(dst.subarray(rounded), src.subarray(rounded));
  }

  /** Makes a shard's gradient a leaf of the tree. */
  round(leaf: Float32Array): void {
    roundToBf16(leaf.subarray(0, this.within(0, leaf.length)));
  }

  /** How many of the `length` floats from `from` on are rounded. */
  private within(from: number, length: number): number {
    return Math.max(0, Math.min(length, this.rounded - from));
  }
}

import { bf16 } from './bf16.js';
import type { Node, Rounding } from './rounding.js';
import { addVectors, bytesOf } from './vector.js';

/**
 * How a step's flat vectors are added and travel. In the first `rounded` floats every node of the tree of sums, each shard's gradient too, is
 * rounded, as it travels; what lies behind them (losses, counts) stays exact. So whichever nodes a rank holds or sends, the bits
 * are the same: as without compression, the number of ranks does not touch them. `from` is where a stretch begins in the whole vector: a multiple of `block`.
 */
export class VectorFormat {
  /** `rounded`: 0 for the exact exchange, in which vectors travel as they are. */
  constructor(
    readonly rounded = 0,
    private readonly rounding: Rounding = bf16,
  ) {}

  /** Chunks begin at multiples of it. */
  get block(): number {
    return this.rounded > 0 ? this.rounding.block : 1;
  }

  /** Floats of a chunk of about 256 kB on its way; 0.25–1 MB measured best (bench/allreduce). */
  get chunkFloats(): number {
    return this.rounded > 0 ? this.rounding.chunkFloats : 1 << 16;
  }

  /** Bytes of the stretch [from, to) on its way. */
  bytes(from: number, to: number): number {
    const rounded = this.within(from, to - from);
    return this.rounding.bytes(rounded) + 4 * (to - from - rounded);
  }

  /** Whether a stretch travels in other bytes than those that it has in memory. */
  packs(from: number): boolean {
    return from < this.rounded;
  }

  /** Writes a stretch of a node into `to`, as it travels. */
  pack(stretch: Float32Array, from: number, to: Uint8Array): void {
    const rounded = this.within(from, stretch.length);
    this.rounding.pack(stretch.subarray(0, rounded), to);
    to.set(bytesOf(stretch.subarray(rounded)), this.rounding.bytes(rounded));
  }

  /** Reads a stretch back. */
  unpack(bytes: Uint8Array, from: number, to: Float32Array): void {
    const rounded = this.within(from, to.length);
    const packed = this.rounding.bytes(rounded);
    this.rounding.unpack(bytes.subarray(0, packed), to.subarray(0, rounded));
    bytesOf(to.subarray(rounded)).set(bytes.subarray(packed));
  }

  /** dst += src, for two stretches that are nodes of the tree: makes `node` above them. */
  add(dst: Float32Array, src: Float32Array, node: Node, from = 0): void {
    const rounded = this.within(from, dst.length);
    this.rounding.add(dst.subarray(0, rounded), src.subarray(0, rounded), node, from);
    addVectors(dst.subarray(rounded), src.subarray(rounded));
  }

  /** Makes a vector `node` of the tree, as a shard's gradient becomes a leaf; what is one already stays as it is. */
  round(vector: Float32Array, node: Node): void {
    this.rounding.round(vector.subarray(0, this.within(0, vector.length)), node, 0);
  }

  /** How many of the `length` floats from `from` on are rounded. */
  private within(from: number, length: number): number {
    return Math.max(0, Math.min(length, this.rounded - from));
  }
}

import type { Subtree } from '../tree.js';

/** A node of a step's tree of sums. */
export interface Node extends Subtree {
  step: number;
}

/** Numbers of fewer bits, and how the nodes of the tree become such. `from`: where a stretch begins in the whole vector, a multiple of `block`. */
export interface Rounding {
  /** Floats that are rounded together. */
  readonly block: number;
  /** Floats of a chunk that travels in about 256 kB. */
  readonly chunkFloats: number;
  /** Bytes of so many floats on their way. */
  bytes(floats: number): number;
  /** Rounds a stretch of a node; one that is rounded already stays as it is. */
  round(vector: Float32Array, node: Node, from: number): void;
  /** dst = the rounded dst + src, which is rounded to floats first. */
  add(dst: Float32Array, src: Float32Array, node: Node, from: number): void;
  /** to = floats that were rounded, as they travel. */
  pack(from: Float32Array, to: Uint8Array): void;
  unpack(from: Uint8Array, to: Float32Array): void;
}

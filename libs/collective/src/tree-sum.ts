import { AppError } from '@regatta/contracts';
import type { Subtree } from './tree.js';

/** dst += src, element by element; both of equal length. `node`: the one that this makes. */
export type Add = (dst: Float32Array, src: Float32Array, node: Subtree) => void;

/** The plain loop; a trainer passes the WebAssembly SIMD one. Both give the same bits: one rounding an element. */
export function plainAdd(dst: Float32Array, src: Float32Array): void {
  for (let i = 0; i < dst.length; i += 1) {
    dst[i] += src[i];
  }
}

/**
 * Adds the leaves 0 … count−1 of one subtree, one after another, in the order of the tree: ((0+1)+(2+3))+((4+5)+(6+7)).
 * Works in log2(count) + 1 buffers of the caller: a finished half waits while the next one is computed.
 *
 *   const sum = new TreeSum(4, buffers, add);
 *   for (each shard) { computeGradientInto(sum.leaf()); sum.push(); }
 *   sum.result();
 */
export class TreeSum {
  private readonly free: Float32Array[];
  private readonly waiting: { data: Float32Array; count: number }[] = [];
  private current: Float32Array | null = null;
  private pushed = 0;

  /** How many buffers a subtree of `count` leaves needs. */
  static buffersFor(count: number): number {
    return Math.log2(count) + 1;
  }

  /** `count` is a power of two; `buffers` has at least `buffersFor(count)` of equal length. `add` is told of nodes as if this were the whole tree. */
  constructor(
    private readonly count: number,
    buffers: readonly Float32Array[],
    private readonly add: Add = plainAdd,
  ) {
    const needed = TreeSum.buffersFor(count);
    if (!Number.isInteger(needed) || buffers.length < needed) {
      throw new AppError('internal', `a sum of ${count} leaves cannot be made in ${buffers.length} buffers`);
    }
    this.free = [...buffers].reverse();
  }

  /** The buffer for the next leaf. Its contents are whatever was in it: write every element. */
  leaf(): Float32Array {
    if (this.pushed === this.count) {
      throw new AppError('internal', `all ${this.count} leaves of the sum have been added`);
    }
    this.current ??= this.free.pop() as Float32Array;
    return this.current;
  }

  /** The leaf is complete: adds whatever halves are now whole. */
  push(): void {
    let node = { data: this.leaf(), count: 1 };
    this.current = null;
    this.pushed += 1;
    while (this.waiting.at(-1)?.count === node.count) {
      const left = this.waiting.pop() as typeof node;
      const count = left.count * 2;
      this.add(left.data, node.data, { first: this.pushed - count, count });
      this.free.push(node.data);
      node = { data: left.data, count };
    }
    this.waiting.push(node);
  }

  /** The sum of all leaves: one of the caller's buffers. Throws before the last leaf was pushed. */
  result(): Float32Array {
    if (this.pushed !== this.count) {
      throw new AppError('internal', `only ${this.pushed} of ${this.count} leaves of the sum have been added`);
    }
    return this.waiting[0].data;
  }
}

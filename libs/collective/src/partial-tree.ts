import { parent, type Subtree, sibling } from './tree.js';
import type { Add } from './tree-sum.js';

interface Node {
  data: Float32Array;
  /** Whether sums may be written here. The parts of this rank itself are only read. */
  writable: boolean;
}

const name = ({ first, count }: Subtree): string => `${first}+${count}`;

/**
 * Sums one stretch of the vector over all subtrees, in whatever order they come: a node is added as soon as both of its halves are there,
 * left + right, so the order of arrival does not touch the bits. The sum ends in `result`, into which one part must be read
 * (`target` hands it out first); further parts are read into buffers of `pool` and given back to it.
 */
export class PartialTree {
  private readonly nodes = new Map<string, Node>();
  private resultTaken = false;
  private readonly root: string;

  constructor(
    shards: number,
    private readonly result: Float32Array,
    private readonly pool: BufferPool,
    private readonly add: Add,
  ) {
    this.root = name({ first: 0, count: shards });
  }

  /** Where to read the next foreign part: as long as `result`. */
  target(): Float32Array {
    if (!this.resultTaken) {
      this.resultTaken = true;
      return this.result;
    }
    return this.pool.take(this.result.length);
  }

  /** A part of this rank itself; never written to. */
  addOwn(subtree: Subtree, data: Float32Array): void {
    this.nodes.set(name(subtree), { data, writable: false });
  }

  /** A part that has arrived in a buffer of `target`. Returns whether the whole sum is now in `result`. */
  addForeign(subtree: Subtree, data: Float32Array): boolean {
    let at = subtree;
    let node: Node = { data, writable: true };
    for (;;) {
      const other = this.nodes.get(name(sibling(at)));
      if (name(at) === this.root || other === undefined) {
        this.nodes.set(name(at), node);
        return name(at) === this.root;
      }
      this.nodes.delete(name(sibling(at)));
      at = parent(at);
      node = this.merge(node, other, at);
    }
  }

  /** a + b equals b + a to the bit, so the sum may be written to either: to `result` where that is one of them. */
  private merge(node: Node, other: Node, sum: Subtree): Node {
    const [to, from] = other.writable && other.data === this.result ? [other, node] : [node, other];
    this.add(to.data, from.data, sum);
    if (from.writable) {
      this.pool.give(from.data);
    }
    return to;
  }
}

/** Buffers for parts under way, kept from step to step. */
export class BufferPool {
  private readonly free: Float32Array[] = [];

  /** `capacity`: floats of a buffer, the most that `take` may ask for. */
  constructor(private readonly capacity: number) {}

  take(length: number): Float32Array {
    const whole = this.free.pop() ?? new Float32Array(this.capacity);
    return whole.subarray(0, length);
  }

  give(buffer: Float32Array): void {
    this.free.push(new Float32Array(buffer.buffer, 0, this.capacity));
  }
}

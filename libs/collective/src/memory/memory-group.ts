import { BufferPool, PartialTree } from '../partial-tree.js';
import {
  type AllReduceStats,
  assertAgreed,
  assertParts,
  GenerationEnded,
  type Part,
  type ProcessGroup,
} from '../process-group.js';
import { type Subtree, subtreesByRank } from '../tree.js';
import type { Add } from '../tree-sum.js';
import { VectorFormat } from '../vector/format.js';

/** What a rank brings to a meeting, and how it is told that all have come. */
interface Arrival {
  value: unknown;
  resolve(values: unknown[]): void;
  reject(error: Error): void;
}

/** Where the ranks of one process meet. */
class Hub {
  private readonly meetings = new Map<string, Map<number, Arrival>>();
  ended: GenerationEnded | null = null;

  constructor(
    readonly subtrees: Subtree[][],
    readonly shards: number,
    readonly format: VectorFormat,
  ) {}

  /** Resolves with everybody's values, by rank, when all have come to the meeting of this name. */
  meet(name: string, rank: number, value: unknown): Promise<unknown[]> {
    if (this.ended) {
      return Promise.reject(this.ended);
    }
    return new Promise((resolve, reject) => {
      const arrivals = this.meetings.get(name) ?? new Map<number, Arrival>();
      this.meetings.set(name, arrivals.set(rank, { value, resolve, reject }));
      if (arrivals.size === this.subtrees.length) {
        this.meetings.delete(name);
        const values = this.subtrees.map((_, member) => arrivals.get(member)?.value);
        for (const arrival of arrivals.values()) {
          arrival.resolve(values);
        }
      }
    });
  }

  end(reason: string): void {
    this.ended ??= new GenerationEnded(1, reason);
    for (const arrivals of this.meetings.values()) {
      for (const { reject } of arrivals.values()) {
        reject(this.ended);
      }
    }
    this.meetings.clear();
  }
}

class MemoryProcessGroup implements ProcessGroup {
  readonly generation = 1;
  private closed = false;

  constructor(
    readonly rank: number,
    readonly worldSize: number,
    private readonly hub: Hub,
  ) {}

  async allReduce(step: number, parts: Part[], result: Float32Array): Promise<AllReduceStats> {
    const { shards, subtrees, format } = this.hub;
    assertParts(parts, subtrees[this.rank], result.length);
    const started = performance.now();
    const all = (await this.meet(`step:${step}`, parts)).flat() as Part[];
    const waitMs = performance.now() - started;
    const add: Add = (dst, src, node) => format.add(dst, src, { step, ...node });
    const tree = new PartialTree(shards, result, new BufferPool(result.length), add);
    for (const { subtree, data } of all) {
      const target = tree.target();
      target.set(data);
      // as on its way through a server: a part that is no node of the tree does not stay unnoticed
      format.round(target, { step, ...subtree });
      tree.addForeign(subtree, target);
    }
    // Nobody may change its parts before all have read them.
    await this.meet(`read:${step}`, null);
    return { bytesSent: 0, bytesReceived: 0, waitMs };
  }

  async broadcast(name: string, data: Uint8Array | null, root: number): Promise<Uint8Array> {
    const values = await this.meet(`broadcast:${name}`, data);
    return values[root] as Uint8Array;
  }

  async barrier(name: string): Promise<void> {
    await this.meet(`barrier:${name}`, null);
  }

  async agree(name: string, value: string): Promise<void> {
    assertAgreed(name, (await this.meet(`agree:${name}`, value)) as string[]);
  }

  async gather(name: string, value: string): Promise<string[]> {
    return (await this.meet(`gather:${name}`, value)) as string[];
  }

  async abort(reason: string): Promise<void> {
    this.hub.end(reason);
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  private meet(name: string, value: unknown): Promise<unknown[]> {
    if (this.closed) {
      return Promise.reject(new GenerationEnded(this.generation, 'this rank has closed its group'));
    }
    return this.hub.meet(name, this.rank, value);
  }
}

/** The process groups of all ranks, for tests within one process: the same tree and so the same bits as through Redis. */
export function createMemoryGroups(
  worldSize: number,
  { shards, format = new VectorFormat() }: { shards: number; format?: VectorFormat },
): ProcessGroup[] {
  const hub = new Hub(subtreesByRank(shards, worldSize), shards, format);
  return Array.from({ length: worldSize }, (_, rank) => new MemoryProcessGroup(rank, worldSize, hub));
}

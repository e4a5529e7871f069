import { AppError } from '@regatta/contracts';
import type { Subtree } from './tree.js';

/** One partial sum of a rank: the flat vector, summed over the logical shards of one subtree by the group's `VectorFormat`. */
export interface Part {
  subtree: Subtree;
  data: Float32Array;
}

export interface AllReduceStats {
  /** Bytes of the gradient messages (contents and headers) that this rank sent: `gradientTraffic` foretells it. */
  bytesSent: number;
  bytesReceived: number;
  /** From the call until something had come from every other rank: how long the slowest one was waited for, in ms. */
  waitMs: number;
}

/** The ranks of one generation of a run. Every rank makes the same calls in the same order. */
export interface ProcessGroup {
  readonly rank: number;
  readonly worldSize: number;
  readonly generation: number;
  /**
   * Sums the parts of all ranks in the order of the tree and writes the sum into `result` on every rank: the same bits whatever the world size.
   * Resolves only when the step is committed, that is when every rank has published its share; until then `result` counts for nothing.
   * A step that was committed before the generation ended resolves too, if its sums can still be read: a committed step is never repeated.
   * `parts`: this rank's subtrees in order, none of which shares memory with `result` (unless the world is one rank); they are left as they were.
   */
  allReduce(step: number, parts: Part[], result: Float32Array): Promise<AllReduceStats>;
  /** Gives every rank the bytes that `root` passes; the others pass null. For small things: a snapshot travels by the artifact store. */
  broadcast(name: string, data: Uint8Array | null, root: number): Promise<Uint8Array>;
  /** Resolves when every rank has called it. */
  barrier(name: string): Promise<void>;
  /** Resolves when every rank has called it with the same value, else throws 'disagreement' with ranks and values on every rank. */
  agree(name: string, value: string): Promise<void>;
  /** Everybody's values, by rank, once all have called it. */
  gather(name: string, value: string): Promise<string[]>;
  /** Ends the generation for every rank: whatever they wait for throws `GenerationEnded` with this reason. */
  abort(reason: string): Promise<void>;
  /** Lets go of this rank's connections; other ranks go on. */
  close(): Promise<void>;
}

/** The generation that the caller belongs to was raised or aborted. What it was waiting for will not come; its state is still good. */
export class GenerationEnded extends AppError {
  constructor(
    readonly generation: number,
    readonly reason: string,
    cause?: unknown,
  ) {
    super('generation-ended', `generation ${generation} has ended: ${reason}`, {
      next: 'Stop this rank and wait for the next generation of the run.',
      retryable: true,
      cause,
    });
    this.name = 'GenerationEnded';
  }
}

/** Throws 'disagreement' with every rank's value unless all are equal. `values`: by rank. */
export function assertAgreed(name: string, values: readonly string[]): void {
  if (values.every((value) => value === values[0])) {
    return;
  }
  const listed = values.map((value, rank) => `rank ${rank}: ${value}`).join('; ');
  throw new AppError('disagreement', `the ranks disagree about ${name}: ${listed}`, {
    next: 'The ranks must run the same code, configuration and data; see the fingerprints of the workers.',
  });
}

/** Throws 'internal' unless the parts are exactly the subtrees of this rank, each as long as the result. */
export function assertParts(parts: readonly Part[], expected: readonly Subtree[], length: number): void {
  const given = parts.map(({ subtree }) => `${subtree.first}+${subtree.count}`).join(' ');
  const wanted = expected.map(({ first, count }) => `${first}+${count}`).join(' ');
  if (given !== wanted) {
    throw new AppError('internal', `this rank covers the subtrees ${wanted}, but was given parts for ${given}`);
  }
  const odd = parts.find(({ data }) => data.length !== length);
  if (odd) {
    throw new AppError('internal', `a part has ${odd.data.length} floats, the result ${length}`);
  }
}

import {
  type Add,
  bf16,
  int8,
  type Part,
  type Subtree,
  shardSlices,
  subtrees,
  TreeSum,
  VectorFormat,
} from '@regatta/collective';
import type { RunConfig } from '@regatta/contracts';
import type { ParameterSpace } from '@regatta/engine';
import type { StepWork } from './task.js';

/** How many flat buffers a rank needs for its partial sums, whatever the world size up to `maxWorkers`. */
export function partialsNeeded(shards: number, maxWorkers: number): number {
  let most = 0;
  for (let worldSize = 1; worldSize <= maxWorkers; worldSize++) {
    for (const slice of shardSlices(shards, worldSize)) most = Math.max(most, buffersOf(subtrees(slice, shards)));
  }
  return most;
}

/** Finished subtrees keep one buffer each; the one at work needs a buffer a level. */
export function buffersOf(blocks: readonly Subtree[]): number {
  return blocks.reduce((most, block, finished) => Math.max(most, finished + TreeSum.buffersFor(block.count)), 0);
}

/** How a run's gradients are added and travel: what `compression` means. The sums behind them stay exact. */
export function formatOf(
  { distributed, seed }: Pick<RunConfig, 'distributed' | 'seed'>,
  space: ParameterSpace,
): VectorFormat {
  const { compression } = distributed;
  if (compression === 'none') return new VectorFormat();
  return new VectorFormat(space.learning, compression === 'int8' ? int8(seed) : bf16);
}

/**
 * This rank's part of a step: the gradients of its logical shards with their sums behind them, added in the fixed tree, one partial sum
 * a subtree. The micro-batches of a shard are added in order. space.g is overwritten. `onMicroBatch` is called after each.
 */
export async function sumShards(
  { number, work }: { number: number; work: StepWork },
  blocks: readonly Subtree[],
  space: ParameterSpace,
  sums: readonly string[],
  microBatches: number,
  format: VectorFormat,
  onMicroBatch: () => void = () => undefined,
): Promise<Part[]> {
  const free = Array.from({ length: buffersOf(blocks) }, (_, i) => space.partial(i));
  const parts: Part[] = [];
  for (const subtree of blocks) {
    const node = (first: number, count: number) => ({ step: number, first, count });
    const add: Add = (target, source, { first, count }) =>
      format.rounded > 0 ? format.add(target, source, node(subtree.first + first, count)) : space.add(target, source);
    const tree = new TreeSum(subtree.count, free, add);
    for (let shard = subtree.first; shard < subtree.first + subtree.count; shard++) {
      for (let micro = 0; micro < microBatches; micro++) {
        const values = await work.run(shard, micro);
        onMicroBatch();
        writeSums(space, sums, values);
        if (micro === 0) space.copy(tree.leaf(), space.g);
        else space.add(tree.leaf(), space.g);
      }
      format.round(tree.leaf(), node(shard, 1));
      tree.push();
    }
    const data = tree.result();
    free.splice(free.indexOf(data), 1);
    parts.push({ subtree, data });
  }
  return parts;
}

function writeSums(space: ParameterSpace, names: readonly string[], values: Record<string, number>): void {
  const tail = space.scalars(space.g);
  tail.fill(0);
  names.forEach((name, i) => {
    tail[i] = values[name];
  });
}

/** The sums behind a flat vector, by name. */
export function readSums(space: ParameterSpace, flat: Float32Array, names: readonly string[]): Record<string, number> {
  const tail = space.scalars(flat);
  return Object.fromEntries(names.map((name, i) => [name, tail[i]]));
}

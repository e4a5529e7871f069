import { type ProcessGroup, shardSlices } from '@regatta/collective';
import type { EvaluationWork, Sums } from './task.js';

/**
 * Evaluates on the held-out part, every rank its shards, and gives every rank the same metrics: the shards' sums are exchanged one by
 * one and added in the tree of the training steps, so the world size does not touch a bit.
 */
export async function evaluate(
  evaluation: EvaluationWork,
  group: ProcessGroup,
  shards: number,
  names: readonly string[],
): Promise<Record<string, number>> {
  const slices = shardSlices(shards, group.worldSize);
  const own = slices[group.rank];
  const mine = new Float64Array(own.count * names.length);
  for (let i = 0; i < own.count; i++) {
    const sums = await evaluation.run(own.first + i);
    mine.set(
      names.map((name) => sums[name]),
      i * names.length,
    );
  }
  const leaves: Float64Array[] = [];
  for (let rank = 0; rank < group.worldSize; rank++) {
    const bytes = rank === group.rank ? new Uint8Array(mine.buffer) : null;
    const received = Uint8Array.from(await group.broadcast('evaluation', bytes, rank));
    const values = new Float64Array(received.buffer);
    for (let i = 0; i < values.length; i += names.length) leaves.push(values.subarray(i, i + names.length));
  }
  return evaluation.metrics(named(names, sumTree(leaves)));
}

const named = (names: readonly string[], values: Float64Array): Sums =>
  Object.fromEntries(names.map((name, i) => [name, values[i]]));

/** ((0+1)+(2+3))+…; the number of leaves is a power of two. */
function sumTree(leaves: readonly Float64Array[]): Float64Array {
  let level = [...leaves];
  while (level.length > 1) {
    level = Array.from({ length: level.length / 2 }, (_, i) => level[2 * i].map((x, j) => x + level[2 * i + 1][j]));
  }
  return level[0];
}

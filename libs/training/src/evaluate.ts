import { deserialize, serialize } from 'node:v8';
import { type ProcessGroup, shardSlices } from '@regatta/collective';
import type { EvaluationReport, EvaluationWork } from './task.js';

/**
 * Evaluates on the held-out part, every rank its shards, and gives every rank the same report: the shards' sums are exchanged one by
 * one and added in the tree of the training steps, so the world size does not touch a bit. What a shard gives beside sums travels as JSON.
 */
export async function evaluate(
  evaluation: EvaluationWork,
  group: ProcessGroup,
  shards: number,
  names: readonly string[],
): Promise<EvaluationReport> {
  const own = shardSlices(shards, group.worldSize)[group.rank];
  const mine: Exchanged[] = [];
  for (let i = 0; i < own.count; i++) {
    const { sums, outputs = null } = await evaluation.run(own.first + i);
    mine.push({ sums: names.map((name) => sums[name]), outputs });
  }
  const all: Exchanged[] = [];
  for (let rank = 0; rank < group.worldSize; rank++) {
    const bytes = rank === group.rank ? serialize(mine) : null;
    all.push(...(deserialize(await group.broadcast('evaluation', bytes, rank)) as Exchanged[]));
  }
  const sums = sumTree(all.map((shard) => shard.sums));
  return evaluation.report(
    Object.fromEntries(names.map((name, i) => [name, sums[i]])),
    all.map(({ outputs }) => outputs),
  );
}

/** A shard's sums in the order of their names (not finite ones included, which JSON would lose), and the rest. */
interface Exchanged {
  sums: number[];
  outputs: unknown;
}

/** ((0+1)+(2+3))+…; the number of leaves is a power of two. */
function sumTree(leaves: readonly number[][]): number[] {
  let level = [...leaves];
  while (level.length > 1) {
    level = Array.from({ length: level.length / 2 }, (_, i) => level[2 * i].map((x, j) => x + level[2 * i + 1][j]));
  }
  return level[0];
}

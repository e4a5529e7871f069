import { AppError } from '@regatta/contracts';

/** Logical shards [first, first + count): an aligned block of a power of two, that is a whole subtree of the tree of sums. */
export interface Subtree {
  first: number;
  count: number;
}

/** Consecutive logical shards [first, first + count); not necessarily a subtree. */
export interface ShardSlice {
  first: number;
  count: number;
}

/**
 * Deals the logical shards of a step to the ranks: contiguous, balanced (sizes differ by at most one), rank by rank.
 * Throws 'invalid' if `shards` is not a power of two or is smaller than `worldSize`.
 */
export function shardSlices(shards: number, worldSize: number): ShardSlice[] {
  if (!Number.isInteger(Math.log2(shards))) {
    throw new AppError('invalid', `${shards} logical shards are not a power of two`, {
      next: 'Choose 1, 2, 4, 8, … shards.',
    });
  }
  if (!Number.isInteger(worldSize) || worldSize < 1 || worldSize > shards) {
    throw new AppError('invalid', `${shards} logical shards cannot be dealt to ${worldSize} ranks`, {
      next: 'Use at least one worker and at most as many workers as logical shards.',
    });
  }
  return Array.from({ length: worldSize }, (_, rank) => {
    const first = Math.floor((rank * shards) / worldSize);
    return { first, count: Math.floor(((rank + 1) * shards) / worldSize) - first };
  });
}

/** The fewest subtrees that cover a slice, in the order of their shards: [3, 8) of 8 → [3, 4), [4, 8). */
export function subtrees(slice: ShardSlice, shards: number): Subtree[] {
  const end = slice.first + slice.count;
  if (slice.first < 0 || end > shards) {
    throw new AppError('internal', `the slice [${slice.first}, ${end}) lies outside ${shards} shards`);
  }
  const blocks: Subtree[] = [];
  let first = slice.first;
  while (first < end) {
    let count = 1;
    while (first % (count * 2) === 0 && first + count * 2 <= end) {
      count *= 2;
    }
    blocks.push({ first, count });
    first += count;
  }
  return blocks;
}

/** The subtrees of every rank of a gang, by rank. */
export function subtreesByRank(shards: number, worldSize: number): Subtree[][] {
  return shardSlices(shards, worldSize).map((slice) => subtrees(slice, shards));
}

/** The other half of a subtree's parent. */
export function sibling({ first, count }: Subtree): Subtree {
  return { first: (first / count) % 2 === 0 ? first + count : first - count, count };
}

/** The subtree one level up. */
export function parent({ first, count }: Subtree): Subtree {
  return { first: first - (first % (count * 2)), count: count * 2 };
}

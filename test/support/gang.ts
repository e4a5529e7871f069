import {
  connectRedisGroup,
  type Member,
  Membership,
  type Part,
  type ProcessGroup,
  shardSlices,
  subtrees,
  type VectorFormat,
} from '@regatta/collective';
import type { Redis } from 'ioredis';
import { type Round, sumByDefinition } from './leaves.js';

/** Logical shards of every gang of the tests. */
export const shards = 8;

export const member = (rank: number, changes: Partial<Member> = {}): Member => ({
  memberId: `member-${rank}`,
  workerId: `worker-${rank}`,
  host: 'localhost',
  fingerprint: 'same',
  ...changes,
});

/** Opens a generation for exactly `worldSize` members, lets them claim in order of rank, and starts it. Returns its number. */
export async function startGang(control: Redis, runId: string, worldSize: number, expected = 0): Promise<number> {
  const membership = new Membership(control);
  const opened = await membership.open(runId, expected, {
    minWorkers: worldSize,
    maxWorkers: worldSize,
    reason: 'a test starts',
  });
  if (!opened.accepted) {
    throw new Error(`not opened: ${opened.reason}`);
  }
  for (let rank = 0; rank < worldSize; rank += 1) {
    await membership.claim(runId, opened.generation, member(rank));
  }
  await membership.start(runId, opened.generation);
  return opened.generation;
}

export interface GangOptions {
  control: Redis;
  gradientUrls: string[];
  runId: string;
  generation: number;
  worldSize: number;
  chunkFloats?: number;
  format?: VectorFormat;
}

/** One rank's group of a gang made by `startGang`. */
export function connectRank(options: GangOptions, rank: number): Promise<ProcessGroup> {
  return connectRedisGroup({ ...options, rank, shards, memberId: member(rank).memberId });
}

export function connectGang(options: GangOptions): Promise<ProcessGroup[]> {
  return Promise.all(Array.from({ length: options.worldSize }, (_, rank) => connectRank(options, rank)));
}

/** What a rank brings to the step whose gradients come from `seed`. */
export function partsOf(seed: number, group: ProcessGroup, length: number, rounded = 0, round?: Round): Part[] {
  return subtrees(shardSlices(shards, group.worldSize)[group.rank], shards).map((subtree) => ({
    subtree,
    data: sumByDefinition(seed, subtree.first, subtree.count, length, rounded, round),
  }));
}

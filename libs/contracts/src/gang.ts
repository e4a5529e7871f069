import type { WorkerBeat } from './stream.js';

/** Parts of a fingerprint in order; members of a gang have all of them in common. The last one only where a GPU computes. */
const parts = ['engine', 'library', 'instruction set', 'threads', 'code', 'GPU'];
const isKnown = (kind: string[]): boolean => kind.length === parts.length || kind.length === parts.length - 1;

/** How one kind of worker differs from another, for people: `threads-4 here, threads-2 there`. */
export function differences(here: string, there: string): string {
  const [own, other] = [here.split(' '), there.split(' ')];
  if (!isKnown(own) || !isKnown(other)) return `${here} here, ${there} there`;
  const differing = parts.flatMap((name, i) => (own[i] === other[i] ? [] : [{ name, i }]));
  return differing.map(({ name, i }) => `${name}: ${own[i] ?? 'none'} here, ${other[i] ?? 'none'} there`).join('; ');
}

/** A rank that is slower than its gang. */
export interface Straggler {
  workerId: string;
  rank: number;
  /** Its time for a shard, and how many times the gang's median that is. */
  shardMs: number;
  times: number;
}

/** So much slower than the median is a straggler; one that was seen already is one until it is faster than `fastAgain`. */
const slow = 2;
const fastAgain = 1.5;
/** Less than this a shard is noise (ms). */
const leastMs = 40;

/**
 * The ranks of one gang that take more than twice its median for a logical shard; `before`: ids of those that were known. Of an even number the
 * faster middle counts, so that of two the slower one can be seen.
 */
export function stragglersOf(
  gang: Pick<WorkerBeat, 'id' | 'rank' | 'shardMs'>[],
  before: readonly string[],
): Straggler[] {
  const times = gang.flatMap(({ shardMs }) => (shardMs === undefined ? [] : [shardMs])).sort((a, b) => a - b);
  if (times.length < 2 || times.length < gang.length) return [];
  const median = times[Math.floor((times.length - 1) / 2)];
  return gang.flatMap(({ id, rank, shardMs = 0 }) => {
    const limit = (before.includes(id) ? fastAgain : slow) * median;
    if (rank === null || shardMs <= limit || shardMs - median < leastMs) return [];
    return [{ workerId: id, rank, shardMs, times: shardMs / median }];
  });
}

import { headerBytes } from './redis/message.js';
import { shardSlices, subtrees } from './tree.js';
import { VectorFormat } from './vector/format.js';

export interface TrafficSetting {
  /** Floats of the reduced vector. */
  floats: number;
  chunkFloats: number;
  /** Logical shards of a step. */
  shards: number;
  worldSize: number;
  /** Default: exact. */
  format?: VectorFormat;
}

/** Bytes of the messages (contents and headers) of one all-reduce. */
export interface Traffic {
  ranks: { sent: number; received: number }[];
  /** Into and out of all gradient servers together. */
  server: { received: number; sent: number };
}

/**
 * What one all-reduce sends, by rank and at the gradient servers; docs/distributed.md derives it. T(r): subtrees that rank r covers,
 * T: those of all ranks, V(r): bytes of the chunks that rank r owns with a header each, V: those of all chunks. Then rank r sends
 * T(r)·(V − V(r)) + V(r) and receives (T − T(r))·V(r) + V − V(r).
 */
export function gradientTraffic({
  floats,
  chunkFloats,
  shards,
  worldSize,
  format = new VectorFormat(),
}: TrafficSetting): Traffic {
  const covered = shardSlices(shards, worldSize).map((slice) => subtrees(slice, shards).length);
  const owned = new Array<number>(worldSize).fill(0);
  for (let chunk = 0; chunk * chunkFloats < floats; chunk += 1) {
    const from = chunk * chunkFloats;
    owned[chunk % worldSize] += headerBytes + format.bytes(from, Math.min(from + chunkFloats, floats));
  }
  const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
  const [allCovered, allOwned] = [sum(covered), sum(owned)];
  const ranks = covered.map((own, rank) => {
    if (worldSize === 1) {
      return { sent: 0, received: 0 };
    }
    const others = allOwned - owned[rank];
    return { sent: own * others + owned[rank], received: (allCovered - own) * owned[rank] + others };
  });
  return {
    ranks,
    server: { received: sum(ranks.map(({ sent }) => sent)), sent: sum(ranks.map(({ received }) => received)) },
  };
}

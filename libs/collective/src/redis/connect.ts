import { AppError } from '@regatta/contracts';
import { Redis } from 'ioredis';
import { Membership } from '../membership/membership.js';
import { BufferPool } from '../partial-tree.js';
import { GenerationEnded, type ProcessGroup } from '../process-group.js';
import { subtreesByRank } from '../tree.js';
import { VectorFormat } from '../vector/format.js';
import { ControlWatch } from './control-watch.js';
import type { ExchangeFaults } from './exchange-faults.js';
import { GradientServer } from './gradient-server.js';
import { MessageCodec } from './message.js';
import { RedisProcessGroup } from './process-group.js';

export interface RedisGroupOptions {
  /** The control server: a URL, or a connection, which stays the caller's. */
  control: Redis | string;
  /** redis://, unix:// or a path; chunk c lies on server c mod their number. The same list, in the same order, for every rank. */
  gradientUrls: string[];
  runId: string;
  generation: number;
  rank: number;
  worldSize: number;
  /** Logical shards of a step. */
  shards: number;
  memberId: string;
  /** How vectors are added and travel, the same for every rank. Default: exact. */
  format?: VectorFormat;
  /** A multiple of the format's `block`. Default: the format's. */
  chunkFloats?: number;
  /** What goes wrong on purpose. */
  faults?: ExchangeFaults;
}

/**
 * Joins the ranks of a generation that has started (`Membership.waitForStart` gives rank and world size).
 * Throws `GenerationEnded` if that is not the current generation any more, 'connection-lost' if a server cannot be reached.
 */
export async function connectRedisGroup(options: RedisGroupOptions): Promise<ProcessGroup> {
  const { runId, generation, rank, worldSize, shards, memberId, gradientUrls } = options;
  const format = options.format ?? new VectorFormat();
  const chunkFloats = options.chunkFloats ?? format.chunkFloats;
  if (chunkFloats % format.block !== 0) {
    throw new AppError('internal', `chunks of ${chunkFloats} floats are no multiple of ${format.block}`);
  }
  const subtrees = subtreesByRank(shards, worldSize);
  const own = typeof options.control === 'string' ? new Redis(options.control, { maxRetriesPerRequest: null }) : null;
  const control = own ?? (options.control as Redis);
  own?.on('error', ignoreWhileConnecting);
  const membership = new Membership(control);
  let lose: (error: Error) => void = () => {};
  const servers: GradientServer[] = [];
  const openServers = async (into: GradientServer[], onLost: (error: AppError) => void): Promise<void> => {
    for (const url of gradientUrls) {
      into.push(await GradientServer.open(url, new MessageCodec(runId), onLost, options.faults));
    }
  };
  try {
    const group = await membership.group(runId);
    const fits = group?.generation === generation && group.phase === 'started';
    if (!fits || group.members[rank]?.memberId !== memberId || group.members.length !== worldSize) {
      throw new GenerationEnded(generation, group?.reason ?? 'the run has no process group');
    }
    // One rank alone has nothing to exchange.
    if (worldSize > 1) {
      await openServers(servers, (error) => lose(error));
    }
    const blocking = control.duplicate({ maxRetriesPerRequest: null });
    blocking.on('error', ignoreWhileConnecting);
    const redisGroup = new RedisProcessGroup({
      setting: {
        runId,
        generation,
        rank,
        subtrees,
        shards,
        servers,
        pool: new BufferPool(chunkFloats),
        format,
      },
      chunkFloats,
      membership,
      watch: (onEnd) => new ControlWatch(blocking, membership, { runId, generation, rank, memberId }, onEnd),
      rescue: async (use) => {
        const fresh: GradientServer[] = [];
        try {
          await openServers(fresh, () => undefined);
          return await use(fresh);
        } finally {
          for (const server of fresh) {
            server.destroy(new GenerationEnded(generation, 'the committed step was read'));
          }
        }
      },
      connections: own ? [own] : [],
    });
    lose = (error) => void redisGroup.fail(error);
    return redisGroup;
  } catch (error) {
    for (const server of servers) {
      server.destroy(error as Error);
    }
    own?.disconnect();
    throw error;
  }
}

/** ioredis connects again by itself and repeats what was under way; without a listener it would print every attempt. */
const ignoreWhileConnecting = (): void => {};

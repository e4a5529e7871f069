import { AppError, keys } from '@regatta/contracts';
import { type BufferPool, PartialTree } from '../partial-tree.js';
import type { Part } from '../process-group.js';
import type { Subtree } from '../tree.js';
import type { Add } from '../tree-sum.js';
import type { VectorFormat } from '../vector/format.js';
import { ChunkMessages } from './chunk-messages.js';
import type { GradientServer } from './gradient-server.js';
import type { ChunkLayout } from './layout.js';
import type { MessageHeader } from './message.js';

/** Parts of a rank that are on their way to the servers at once. */
const sendsUnderWay = 4;

/** What stays the same from step to step. */
export interface ExchangeSetting {
  runId: string;
  generation: number;
  rank: number;
  /** The subtrees of every rank, by rank. */
  subtrees: Subtree[][];
  shards: number;
  servers: GradientServer[];
  pool: BufferPool;
  format: VectorFormat;
  /** Ends the group: whatever is under way is rejected with the error. */
  fail(error: unknown): void;
}

/**
 * The messages of one step at one rank:
 *   1. every rank sends its parts of the chunks that others own;
 *   2. the owner of a chunk adds the parts as they come, in the order of the tree, and publishes the sum;
 *   3. every rank reads the sums of the others' chunks into its result.
 */
export class Exchange {
  private readonly trees = new Map<number, PartialTree>();
  private readonly silent: Set<number>;
  private unpublished: number;
  private markPublished: () => void = () => {};
  /** Resolves once all sums that this rank owns are on their servers. */
  readonly published = new Promise<void>((resolve) => {
    this.markPublished = resolve;
  });
  private readonly messages: ChunkMessages;
  private readonly startedAt = performance.now();
  /** From the start until something had come from every other rank, in ms. */
  waitMs = 0;

  constructor(
    private readonly setting: ExchangeSetting,
    private readonly layout: ChunkLayout,
    private readonly step: number,
    private readonly parts: Part[],
    private readonly result: Float32Array,
  ) {
    const { format, pool } = setting;
    this.messages = new ChunkMessages(setting.servers, layout, format, pool);
    this.silent = new Set(setting.subtrees.keys());
    this.silent.delete(setting.rank);
    const owned = layout.owned(setting.rank);
    this.unpublished = owned.length;
    if (owned.length === 0) {
      this.markPublished();
    }
    for (const chunk of owned) {
      const target = layout.slice(result, chunk);
      const add: Add = (dst, src, node) => format.add(dst, src, { step, ...node }, layout.from(chunk));
      const tree = new PartialTree(setting.shards, target, pool, add);
      for (const { subtree, data } of parts) {
        tree.addOwn(subtree, layout.slice(data, chunk));
      }
      this.trees.set(chunk, tree);
    }
  }

  /** Sends the parts of all chunks that others own. Starts with the next rank's, so that not all ranks send to the same one first. */
  async sendParts(): Promise<void> {
    const { runId, generation, rank } = this.setting;
    const sent: Promise<void>[] = [];
    for (let i = 0; i < this.layout.chunks; i += 1) {
      const chunk = (i + rank + 1) % this.layout.chunks;
      const owner = this.layout.owner(chunk);
      if (owner === rank) {
        continue;
      }
      for (const { subtree, data } of this.parts) {
        const { first, count } = subtree;
        const key = keys.gradientPart(runId, generation, this.step, chunk, first, count);
        const notice = { list: this.inbox(owner), notice: `p:${chunk}:${first}:${count}` };
        const stretch = this.layout.slice(data, chunk);
        const stored = this.messages.store(key, this.header(chunk, subtree), stretch, [notice]);
        stored.catch(ignore);
        sent.push(stored);
        // What comes in is read meanwhile, and sums that are ready do not wait behind all parts.
        await sent[sent.length - sendsUnderWay];
      }
    }
    await Promise.all(sent);
  }

  /** Reads and adds the parts of the own chunks and reads the sums of the others, until the result is whole. */
  async receive(): Promise<void> {
    await Promise.all(this.setting.servers.map((server, index) => this.receiveFrom(server, index)));
  }

  private async receiveFrom(server: GradientServer, index: number): Promise<void> {
    const work: Promise<void>[] = [];
    let left = this.expected(index);
    while (left > 0) {
      const notices = await server.listen(this.inbox(this.setting.rank));
      left -= notices.length;
      for (const notice of notices) {
        const done = this.handle(notice);
        // At once, for this loop may be waiting for a notice that never comes.
        done.catch(this.setting.fail);
        work.push(done);
      }
    }
    await Promise.all(work);
    await server.removeRest();
  }

  /** How many notices come to this rank by one server. */
  private expected(server: number): number {
    const { rank, subtrees } = this.setting;
    const foreign = subtrees.flat().length - subtrees[rank].length;
    let notices = 0;
    for (let chunk = 0; chunk < this.layout.chunks; chunk += 1) {
      if (this.layout.server(chunk) === server) {
        notices += this.layout.owner(chunk) === rank ? foreign : 1;
      }
    }
    return notices;
  }

  private async handle(notice: string): Promise<void> {
    const [kind, ...numbers] = notice.split(':');
    const [chunk, first, count] = numbers.map(Number);
    if (kind === 's') {
      this.heard(this.layout.owner(chunk));
      await this.readSum(chunk);
    } else {
      this.heard(this.setting.subtrees.findIndex((blocks) => blocks.some((block) => block.first === first)));
      await this.readPart(chunk, { first, count });
    }
  }

  private heard(rank: number): void {
    if (this.silent.delete(rank) && this.silent.size === 0) {
      this.waitMs = performance.now() - this.startedAt;
    }
  }

  private async readSum(chunk: number): Promise<void> {
    const { runId, generation, shards } = this.setting;
    const header = this.header(chunk, { first: 0, count: shards });
    const key = keys.gradientSum(runId, generation, this.step, chunk);
    await this.messages.load(key, header, this.layout.slice(this.result, chunk));
  }

  private async readPart(chunk: number, subtree: Subtree): Promise<void> {
    const { runId, generation } = this.setting;
    const tree = this.trees.get(chunk);
    if (!tree) {
      throw new AppError(
        'internal',
        `a part of chunk ${chunk} came to rank ${this.setting.rank}, which does not own it`,
      );
    }
    const target = tree.target();
    const key = keys.gradientPart(runId, generation, this.step, chunk, subtree.first, subtree.count);
    await this.messages.load(key, this.header(chunk, subtree), target);
    const removed = this.messages.server(chunk).removeSoon(key);
    if (tree.addForeign(subtree, target)) {
      await this.publish(chunk);
    }
    await removed;
  }

  private async publish(chunk: number): Promise<void> {
    const { runId, generation, rank, subtrees, shards } = this.setting;
    const others = [...subtrees.keys()].filter((other) => other !== rank);
    await this.messages.store(
      keys.gradientSum(runId, generation, this.step, chunk),
      this.header(chunk, { first: 0, count: shards }),
      this.layout.slice(this.result, chunk),
      others.map((other) => ({ list: this.inbox(other), notice: `s:${chunk}` })),
    );
    this.unpublished -= 1;
    if (this.unpublished === 0) {
      this.markPublished();
    }
  }

  private inbox(rank: number): string {
    return keys.gradientInbox(this.setting.runId, this.setting.generation, this.step, rank);
  }

  private header(chunk: number, { first, count }: Subtree): MessageHeader {
    return { generation: this.setting.generation, step: this.step, chunk, first, count };
  }
}

/** Removes the sums of a step that a rank owns: nobody needs them once the next step is complete. */
export async function removeSums(setting: ExchangeSetting, layout: ChunkLayout, step: number): Promise<void> {
  const { runId, generation, rank, servers } = setting;
  const owned = layout.owned(rank);
  await Promise.all(
    servers.map((server, index) =>
      server.remove(
        owned
          .filter((chunk) => layout.server(chunk) === index)
          .map((chunk) => keys.gradientSum(runId, generation, step, chunk)),
      ),
    ),
  );
}

/** Reads the sums of all chunks of a step into `result`. @returns the bytes read */
export async function readSums(
  { runId, generation, shards, servers, format, pool }: ExchangeSetting,
  layout: ChunkLayout,
  step: number,
  result: Float32Array,
): Promise<number> {
  const messages = new ChunkMessages(servers, layout, format, pool);
  for (let chunk = 0; chunk < layout.chunks; chunk += 1) {
    const header = { generation, step, chunk, first: 0, count: shards };
    await messages.load(keys.gradientSum(runId, generation, step, chunk), header, layout.slice(result, chunk));
  }
  return servers.reduce((sum, server) => sum + server.bytesReceived, 0);
}

/** A failure that is looked at later is no unhandled one. */
const ignore = (): void => {};

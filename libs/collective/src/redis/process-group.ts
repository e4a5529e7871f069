import { setTimeout } from 'node:timers/promises';
import { AppError, keys } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import type { Membership } from '../membership/membership.js';
import type { Accepted } from '../membership/types.js';
import {
  type AllReduceStats,
  assertAgreed,
  assertParts,
  GenerationEnded,
  type Part,
  type ProcessGroup,
} from '../process-group.js';
import type { ControlWatch } from './control-watch.js';
import { Exchange, type ExchangeSetting, readSums, removeSums } from './exchange.js';
import type { GradientServer } from './gradient-server.js';
import { ChunkLayout } from './layout.js';

export interface RedisGroupParts {
  setting: Omit<ExchangeSetting, 'fail'>;
  chunkFloats: number;
  membership: Membership;
  /** Starts to watch; `onEnd` is called when the generation has ended. */
  watch(onEnd: (error: AppError) => void): ControlWatch;
  /** Calls `use` with fresh connections to the gradient servers, for what was published before this group failed. */
  rescue<Result>(use: (servers: GradientServer[]) => Promise<Result>): Promise<Result>;
  /** Closed with the group. */
  connections: Redis[];
}

/** The ranks of one generation, meeting at Redis: bulk data on the gradient servers, what counts on the control server. See docs/distributed.md. */
export class RedisProcessGroup implements ProcessGroup {
  readonly rank: number;
  readonly worldSize: number;
  readonly generation: number;
  private readonly setting: ExchangeSetting;
  private readonly watch: ControlWatch;
  private failure: Error | null = null;
  private ending: Promise<void> = Promise.resolve();
  /** The newest step that is complete, whose sums are still on the gradient servers. */
  private last: { step: number; layout: ChunkLayout } | null = null;
  private readonly meetings = new Map<string, number>();

  constructor(private readonly parts: RedisGroupParts) {
    this.rank = parts.setting.rank;
    this.generation = parts.setting.generation;
    this.worldSize = parts.setting.subtrees.length;
    this.setting = { ...parts.setting, fail: (error) => void this.fail(error as Error) };
    this.watch = parts.watch((error) => void this.fail(error));
  }

  async allReduce(step: number, parts: Part[], result: Float32Array): Promise<AllReduceStats> {
    assertParts(parts, this.setting.subtrees[this.rank], result.length);
    try {
      return await this.exchangeAndCommit(step, parts, result);
    } catch (error) {
      if (error instanceof GenerationEnded && (await this.wasCommitted(step))) {
        return this.readCommitted(step, parts, result, error);
      }
      throw error;
    }
  }

  private exchangeAndCommit(step: number, parts: Part[], result: Float32Array): Promise<AllReduceStats> {
    return this.whole(async () => {
      const before = this.traffic();
      const exchange = this.worldSize === 1 ? null : this.exchange(step, parts, result);
      if (exchange) {
        const commit = exchange.published.then(() => this.commit(step));
        await Promise.all([exchange.sendParts(), exchange.receive(), commit]);
        await this.forgetSums(step, result.length);
      } else {
        copyUnlessSame(parts[0].data, result);
        await this.commit(step);
      }
      const after = this.traffic();
      return {
        bytesSent: after.sent - before.sent,
        bytesReceived: after.received - before.received,
        waitMs: exchange?.waitMs ?? 0,
      };
    });
  }

  /** Whether this generation committed the step, though this rank was not told in time. */
  private async wasCommitted(step: number): Promise<boolean> {
    const group = await this.parts.membership.group(this.setting.runId).catch(() => null);
    return group?.complete?.generation === this.generation && group.complete.step === step;
  }

  /** Reads all sums of a committed step over connections of its own. They are there until a later step is complete. */
  private async readCommitted(
    step: number,
    parts: Part[],
    result: Float32Array,
    ended: GenerationEnded,
  ): Promise<AllReduceStats> {
    if (this.worldSize === 1) {
      copyUnlessSame(parts[0].data, result);
      return { bytesSent: 0, bytesReceived: 0, waitMs: 0 };
    }
    try {
      const bytesReceived = await this.parts.rescue((servers) => {
        return readSums({ ...this.setting, servers }, this.layout(result.length), step, result);
      });
      return { bytesSent: 0, bytesReceived, waitMs: 0 };
    } catch {
      // The gradient server has lost them: whoever has applied the step hands its state over, or it is computed again.
      throw ended;
    }
  }

  async broadcast(name: string, data: Uint8Array | null, root: number): Promise<Uint8Array> {
    return this.whole(async () => {
      const key = keys.broadcast(this.setting.runId, this.generation, name, this.count(`broadcast:${name}`));
      const header = { generation: this.generation, step: 0, chunk: 0, first: root, count: 0 };
      const [server] = this.setting.servers;
      if (this.rank !== root) {
        await server.listen(`${key}:in:${this.rank}`);
        return server.fetchAny(key, header);
      }
      if (data === null) {
        throw new AppError('internal', `rank ${root} is the root of the broadcast ${name} but gave no data`);
      }
      const others = [...this.setting.subtrees.keys()].filter((rank) => rank !== root);
      if (others.length > 0) {
        const inboxes = others.map((rank) => ({ list: `${key}:in:${rank}`, notice: 'sent' }));
        await server.send(key, header, data, inboxes);
      }
      return data;
    });
  }

  async barrier(name: string): Promise<void> {
    await this.whole(() => this.meet(`barrier:${name}`, ''));
  }

  async agree(name: string, value: string): Promise<void> {
    const values = await this.whole(() => this.meet(`agree:${name}`, value));
    assertAgreed(name, values);
  }

  async gather(name: string, value: string): Promise<string[]> {
    return this.whole(() => this.meet(`gather:${name}`, value));
  }

  async abort(reason: string): Promise<void> {
    await this.parts.membership.abort(this.setting.runId, this.generation, reason);
    await this.fail(new GenerationEnded(this.generation, reason));
  }

  async close(): Promise<void> {
    await this.fail(new GenerationEnded(this.generation, 'this rank has closed its group'));
  }

  /**
   * Ends this rank's part: whatever is under way is rejected with `error`, and so is every later call. Unless the others know already they are
   * told, for a rank that missed a step can never catch up. Only the first error counts.
   */
  fail(error: Error): Promise<void> {
    if (!this.failure) {
      this.failure = error;
      this.watch.stop(error);
      for (const server of this.setting.servers) {
        server.destroy(error);
      }
      this.ending = this.farewell(error);
    }
    return this.ending;
  }

  private async farewell(error: Error): Promise<void> {
    const { membership, connections } = this.parts;
    if (!(error instanceof GenerationEnded)) {
      const reason = `rank ${this.rank}: ${error.message}`;
      const told = membership.abort(this.setting.runId, this.generation, reason).catch(ignore);
      // If the control server is what was lost, the others find that out themselves.
      await Promise.race([told, setTimeout(1000, undefined, { ref: false })]);
    }
    for (const connection of connections) {
      connection.disconnect();
    }
  }

  /** One collective call: whatever goes wrong in it ends the generation. */
  private async whole<Result>(call: () => Promise<Result>): Promise<Result> {
    if (this.failure) {
      throw this.failure;
    }
    try {
      return await call();
    } catch (error) {
      await this.fail(error as Error);
      throw this.failure;
    }
  }

  private exchange(step: number, parts: Part[], result: Float32Array): Exchange {
    return new Exchange(this.setting, this.layout(result.length), step, parts, result);
  }

  private layout(length: number): ChunkLayout {
    return new ChunkLayout(length, this.parts.chunkFloats, this.worldSize, this.setting.servers.length);
  }

  /** Says that this rank has published its share of the step, and waits until all have. */
  private async commit(step: number): Promise<void> {
    const { runId } = this.setting;
    await this.announced(`commit:${step}`, async () => {
      const mark = await this.parts.membership.mark(runId, this.generation, { step, rank: this.rank });
      return this.accepted(mark).complete;
    });
  }

  /** Everybody's values, by rank, once all have come. */
  private async meet(name: string, value: string): Promise<string[]> {
    const { runId, rank } = this.setting;
    const meeting = { name, count: this.count(name), rank, value };
    let values = null as string[] | null;
    const ask = async (): Promise<boolean> => {
      values = this.accepted(await this.parts.membership.meet(runId, this.generation, meeting)).values;
      return values !== null;
    };
    await this.announced(`meet:${name}#${meeting.count}`, ask);
    if (values === null) {
      await ask();
    }
    return values as unknown as string[];
  }

  /** Asks once, and unless that answers it, waits for the notice. */
  private async announced(notice: string, ask: () => Promise<boolean>): Promise<void> {
    const announced = this.watch.expect(notice, ask);
    announced.catch(ignore);
    if (await ask()) {
      this.watch.settle(notice);
    }
    await announced;
  }

  private accepted<Result>(reply: Accepted<Result>): Result {
    if (!reply.accepted) {
      throw new GenerationEnded(this.generation, reply.detail);
    }
    return reply;
  }

  /** The sums of the step before stay until this one is complete, for a rank that recovers. */
  private async forgetSums(step: number, length: number): Promise<void> {
    const { last } = this;
    this.last = { step, layout: this.layout(length) };
    if (last) {
      await removeSums(this.setting, last.layout, last.step);
    }
  }

  /** How often this rank has come to a meeting of this name: all ranks make the same calls, so it is the same for all. */
  private count(name: string): number {
    const count = this.meetings.get(name) ?? 0;
    this.meetings.set(name, count + 1);
    return count;
  }

  private traffic(): { sent: number; received: number } {
    const { servers } = this.setting;
    return {
      sent: servers.reduce((sum, server) => sum + server.bytesSent, 0),
      received: servers.reduce((sum, server) => sum + server.bytesReceived, 0),
    };
  }
}

function copyUnlessSame(from: Float32Array, to: Float32Array): void {
  if (from.buffer !== to.buffer || from.byteOffset !== to.byteOffset) {
    to.set(from);
  }
}

const ignore = (): void => {};

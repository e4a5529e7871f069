import { keys } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import { runScript, type ScriptName, type ScriptReply } from './scripts.js';
import type { Accepted, CompleteStep, GroupPhase, GroupState, Member, Refusal, RefusalCode } from './types.js';
import { type Place, waitForStart } from './wait-for-start.js';

/**
 * The group of a run on the control server: who its members are, its generation and its newest complete step.
 * Every change is one Lua script that knows the caller's generation; one that comes too late changes nothing and is told why.
 */
export class Membership {
  constructor(private readonly redis: Redis) {}

  /**
   * Raises the generation by one if it still is `expectedGeneration` (0: the run has none yet): the old one's members are told, its marks
   * dropped, and the new one is open for claims. `complete` is the newest complete step, which no older generation can change any more.
   * `needs`: a key without which there is no such run any more, and no group is made of it.
   */
  async open(
    runId: string,
    expectedGeneration: number,
    {
      minWorkers,
      maxWorkers,
      reason,
      needs = '',
    }: { minWorkers: number; maxWorkers: number; reason: string; needs?: string },
  ): Promise<Accepted<{ generation: number; complete: CompleteStep | null }>> {
    const reply = await this.run('open', runId, expectedGeneration, minWorkers, maxWorkers, reason, needs);
    return (
      refused(reply) ?? { accepted: true, generation: Number(reply[1]), complete: completeStep(reply[2], reply[3]) }
    );
  }

  /** Takes a place. Refused: generation-ended, closed, full, duplicate-member, duplicate-worker, fingerprint (unequal to the first member's). */
  async claim(runId: string, generation: number, member: Member): Promise<Accepted<{ position: number }>> {
    const { memberId, workerId, fingerprint } = member;
    const reply = await this.run('claim', runId, generation, memberId, workerId, fingerprint, JSON.stringify(member));
    return refused(reply) ?? { accepted: true, position: Number(reply[1]) };
  }

  /** Fixes the gang; the members are in order of rank. Refused: generation-ended, closed, too-few. Twice is once. */
  async start(runId: string, generation: number): Promise<Accepted<{ members: Member[] }>> {
    const reply = await this.run('start', runId, generation);
    return refused(reply) ?? { accepted: true, members: reply.slice(1).map(member) };
  }

  /**
   * Waits until the gang of this generation has started. Learns at once by the channel, and looks every second as well.
   * Rejects with `GenerationEnded` if the generation ends first or the member is not in the gang, and with the signal's reason if that aborts.
   */
  waitForStart(
    runId: string,
    generation: number,
    memberId: string,
    options: { signal?: AbortSignal } = {},
  ): Promise<Place> {
    return waitForStart(this.redis, () => this.group(runId), { runId, generation, memberId, signal: options.signal });
  }

  /** Before the start the place is free again; after it the generation is closed, for its gang is not whole any more. */
  async leave(
    runId: string,
    generation: number,
    memberId: string,
    reason: string,
  ): Promise<Accepted<{ phase: GroupPhase }>> {
    const reply = await this.run('leave', runId, generation, memberId, reason);
    return refused(reply) ?? { accepted: true, phase: reply[1] as GroupPhase };
  }

  /** Closes the generation: every member is told at once, no mark of it counts any more. Refused: generation-ended, closed. */
  async abort(runId: string, generation: number, reason: string): Promise<Accepted<object>> {
    return refused(await this.run('abort', runId, generation, reason)) ?? { accepted: true };
  }

  /** The rank has published all its chunks of the step. `complete`: whether every rank has. Refused: generation-ended, closed. */
  async mark(
    runId: string,
    generation: number,
    { step, rank }: { step: number; rank: number },
  ): Promise<Accepted<{ complete: boolean }>> {
    const reply = await this.run('mark', runId, generation, step, rank);
    return refused(reply) ?? { accepted: true, complete: reply[1] === 1 };
  }

  /**
   * A rank comes to the `count`-th meeting (from 0) of this name with a value. `values`: everybody's, by rank, once all have come; else null.
   * Refused: generation-ended, closed.
   */
  async meet(
    runId: string,
    generation: number,
    { name, count, rank, value }: { name: string; count: number; rank: number; value: string },
  ): Promise<Accepted<{ values: string[] | null }>> {
    const reply = await this.run('meet', runId, generation, name, count, rank, value);
    return refused(reply) ?? { accepted: true, values: reply.length === 1 ? null : reply.slice(1).map(String) };
  }

  /** The group as it is, or null if the run has none. */
  async group(runId: string): Promise<GroupState | null> {
    return groupOf(await this.run('group', runId));
  }

  /** Removes everything that the group has on the control server; for a run that is over. */
  async drop(runId: string): Promise<void> {
    await this.run('drop', runId);
  }

  private run(script: ScriptName, runId: string, ...args: (string | number)[]): Promise<ScriptReply> {
    return runScript(
      this.redis,
      script,
      [keys.group(runId), keys.groupEvents(runId)],
      [keys.generations(runId), ...args],
    );
  }
}

function refused(reply: ScriptReply): Refusal | undefined {
  if (reply[0] === 1) {
    return undefined;
  }
  const [, reason, generation, detail] = reply;
  return {
    accepted: false,
    reason: reason as RefusalCode,
    generation: Number(generation),
    detail: String(detail),
  };
}

/** A group as group.lua returns it. */
export function groupOf(reply: ScriptReply): GroupState | null {
  const [generation, phase, reason, completeGeneration, step, ...members] = reply;
  if (generation === undefined) {
    return null;
  }
  return {
    generation: Number(generation),
    phase: phase as GroupPhase,
    reason: String(reason),
    members: members.map(member),
    complete: completeStep(completeGeneration, step),
  };
}

function completeStep(generation: string | number, step: string | number): CompleteStep | null {
  return generation === '' ? null : { generation: Number(generation), step: Number(step) };
}

const member = (json: string | number): Member => JSON.parse(String(json)) as Member;

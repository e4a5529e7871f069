import { keys } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import { runScript } from './scripts.js';

export interface Transition {
  runId: string;
  /** The epoch that the caller read; 0 where there is no state yet. */
  epoch: number;
  /** Only if no run has begun to gather since this turn (see `waitingRuns`). */
  turn?: number;
  /** Fields to set. */
  patch: Record<string, string>;
  /** JSON bodies, each added to the stream as the field `data`. */
  entries: string[];
}

/** `epoch`: the new one, or the one that there is. */
export type TransitionResult = { ok: true; epoch: number } | { ok: false; epoch: number };

/**
 * Sets the fields, raises the epoch by one and adds the entries to the stream, all at once, if the epoch is still the one that the caller
 * read; else changes nothing. The run's place in the index follows (places.lua). Of two coordinators that decide at the same time exactly one takes effect.
 */
export async function transition(redis: Redis, change: Transition): Promise<TransitionResult> {
  const pairs = Object.entries(change.patch);
  const where = [keys.index, keys.runs, change.runId];
  const args = [...where, change.epoch, change.turn ?? '', pairs.length, ...pairs.flat(), ...change.entries];
  const [ok, epoch] = await runScript(redis, 'transition', [keys.state(change.runId), keys.stream], args);
  return { ok: ok === 1, epoch: Number(epoch) };
}

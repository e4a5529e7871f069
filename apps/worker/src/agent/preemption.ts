import type { Holder, Observed } from './observer.js';
import type { Pool } from './pool.js';

/** What a run of lower priority is asked for: to go on with fewer workers, or (`keeps` 0) to be saved and queued again. */
export interface Demand {
  holder: Holder;
  keeps: number;
}

/**
 * What a queued run takes from runs of lower priority, if it can thereby start: the lowest give first, among equals the youngest. They shrink
 * towards their minWorkers, so that this one gets up to its maxWorkers; whole gangs give way only as far as its minWorkers need it.
 * What was asked for before and is on its way counts as there. Pure.
 */
export function preemption(run: Observed, pool: Pool, holders: Holder[]): Demand[] {
  const { priority, minWorkers, maxWorkers } = run.desired;
  const lower = holders
    .filter((holder) => holder.priority < priority && holder.members.length > 0)
    .sort(byTurnBackwards);
  const kind = pool.free.length > 0 ? pool.fingerprint : kindOf(lower);
  const givers = lower.filter((holder) => !holder.gives && holder.members[0].fingerprint === kind);
  let got = pool.free.length + holders.reduce((sum, { coming }) => sum + coming, 0);
  const demands = new Map<Holder, number>();
  for (const holder of givers) {
    const gives = Math.min(holder.members.length - holder.minWorkers, maxWorkers - got);
    if (gives <= 0) continue;
    demands.set(holder, holder.members.length - gives);
    got += gives;
  }
  for (const holder of givers) {
    if (got >= minWorkers) break;
    got += demands.get(holder) ?? holder.members.length;
    demands.set(holder, 0);
  }
  return got < minWorkers ? [] : [...demands].map(([holder, keeps]) => ({ holder, keeps }));
}

/** The kind that most of their workers are of. */
function kindOf(holders: Holder[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { members } of holders) {
    const { fingerprint } = members[0];
    counts.set(fingerprint, (counts.get(fingerprint) ?? 0) + members.length);
  }
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))[0]?.[0];
}

const byTurnBackwards = (a: Holder, b: Holder): number =>
  a.priority - b.priority || (a.createdAt < b.createdAt ? 1 : -1);

/**
 * Whether what was planned for it still holds: its gang is the one of the plan, and no other coordinator of the run that needs the workers has asked
 * it since.
 */
export const canGive = ({ state, group }: Pick<Observed, 'state' | 'group'>, { members }: Holder): boolean =>
  state !== null &&
  state.yielding === null &&
  group?.generation === state.generation &&
  group.members.length === members.length;

import type { WorkerBeat } from '@regatta/contracts';
import type { Observed, Rival } from './observer.js';

/** Which workers a run may have, and whose turn it is. Pure functions of what was observed. */

export interface Pool {
  /** The kind of worker that the gang is (to be) made of. */
  fingerprint: string;
  /** Idle workers of that kind. */
  free: WorkerBeat[];
  /** Members of an older generation of this run that are about to come free. */
  returning: WorkerBeat[];
  /** Workers that have taken an offer of the generation that gathers, and have not claimed their place yet. */
  coming: WorkerBeat[];
  /** Idle workers of another kind: not taken, since their numbers would differ. */
  others: WorkerBeat[];
}

/** The workers for a run. Of several kinds the one the run had before is taken where it suffices, else the most frequent one. */
export function poolFor(run: Observed): Pool {
  const idle = run.alive.filter((beat) => beat.status === 'idle' && !isShunned(run, beat));
  const generation = run.state?.generation ?? 0;
  const returning = run.alive.filter(
    (beat) =>
      beat.status !== 'draining' &&
      beat.runId === run.runId &&
      beat.generation !== null &&
      beat.generation < generation &&
      !(run.state?.released.generation === generation && run.state.released.workerIds.includes(beat.id)),
  );
  const members = run.group?.generation === generation ? run.group.members : [];
  const coming = run.alive.filter(
    (beat) =>
      beat.status === 'joining' &&
      beat.runId === run.runId &&
      beat.generation === generation &&
      !members.some(({ workerId }) => workerId === beat.id),
  );
  const fingerprint =
    run.group?.phase === 'open' && run.group.members[0] && run.group.generation === generation
      ? run.group.members[0].fingerprint
      : preferredKind([...idle, ...returning], run.state?.fingerprint ?? '', run.desired.minWorkers);
  return {
    fingerprint,
    free: idle.filter((beat) => beat.fingerprint === fingerprint),
    returning: returning.filter((beat) => beat.fingerprint === fingerprint),
    coming: coming.filter((beat) => beat.fingerprint === fingerprint),
    others: idle.filter((beat) => beat.fingerprint !== fingerprint),
  };
}

/** Workers that could join the gang that trains: of its kind, idle or prepared and waiting for a place. */
export function candidatesOf(run: Observed): { ready: WorkerBeat[]; free: WorkerBeat[] } {
  const members = run.group?.members ?? [];
  const fitting = run.alive.filter(
    (beat) => beat.fingerprint === members[0]?.fingerprint && !members.some(({ workerId }) => workerId === beat.id),
  );
  return {
    ready: fitting.filter((beat) => beat.status === 'joining' && beat.runId === run.runId && beat.ready === true),
    free: fitting.filter((beat) => beat.status === 'idle' && !isShunned(run, beat)),
  };
}

/** The run goes on without it for now: it was too slow. */
const isShunned = (run: Observed, { id }: WorkerBeat): boolean =>
  run.state?.dropped?.some(({ workerId, until }) => workerId === id && run.now < until) ?? false;

function preferredKind(workers: WorkerBeat[], before: string, minWorkers: number): string {
  const counts = new Map<string, number>();
  for (const { fingerprint } of workers) {
    counts.set(fingerprint, (counts.get(fingerprint) ?? 0) + 1);
  }
  if ((counts.get(before) ?? 0) >= minWorkers) {
    return before;
  }
  const kinds = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return kinds[0]?.[0] ?? before;
}

/** After so long a run for which there never are enough workers has those that come free kept for it. */
const reserveAfterMs = 60_000;

/**
 * Whether workers that come free are kept for a run that has waited for so long: for a minute after the first one, then others pass for two, then
 * for four, and so on. So no run starves, however large it is and however long the others train, and at most two thirds of the time are workers kept.
 */
export const reserves = (waitedMs: number): boolean =>
  waitedMs >= reserveAfterMs && Math.floor(Math.log2(waitedMs / reserveAfterMs)) % 2 === 0;

/** The largest gang there could be if every worker were free. */
function largestGang({ alive }: Observed): number {
  const counts = new Map<string, number>();
  for (const { status, fingerprint } of alive) {
    if (status !== 'draining') counts.set(fingerprint, (counts.get(fingerprint) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

/** The run that must gather before this one may, or null. A run that cannot get enough workers lets others pass, but not for ever. */
export function whoGoesFirst(run: Observed, rivals: Rival[], freeWorkers: number): Rival | null {
  const own: Rival = {
    runId: run.runId,
    priority: run.desired.priority,
    createdAt: run.spec.createdAt,
    minWorkers: run.desired.minWorkers,
    status: run.state?.status ?? 'queued',
    since: run.state?.since ?? run.now,
    standsBackUntil: 0,
  };
  const largest = largestGang(run);
  const fits = ({ minWorkers, since }: Rival): boolean =>
    minWorkers <= freeWorkers || (minWorkers <= largest && reserves(run.now - since));
  const gathers = (rival: Rival): boolean => rival.status !== 'queued';
  const before = rivals.filter((rival) => {
    if (rival.standsBackUntil > run.now) {
      return false;
    }
    // Whoever gathers goes on; only between two that gather, or two that wait, does the order decide.
    if (gathers(rival) !== gathers(own)) {
      return gathers(rival);
    }
    return byTurn(rival, own) < 0 && (gathers(rival) || fits(rival));
  });
  return before.sort(byTurn)[0] ?? null;
}

/** By priority, then age, then id. */
function byTurn(a: Rival, b: Rival): number {
  return b.priority - a.priority || compare(a.createdAt, b.createdAt) || compare(a.runId, b.runId);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

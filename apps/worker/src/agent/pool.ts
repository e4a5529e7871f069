import type { WaitingRun } from '@regatta/collective';
import type { WorkerBeat } from '@regatta/contracts';
import type { Observed } from './observer.js';

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
  const generation = run.state?.generation ?? 0;
  const { status, released } = run.state ?? {};
  const isReleased = ({ id }: WorkerBeat) => released?.generation === generation && released.workerIds.includes(id);
  // one that was let go for another run comes free before that one can take it
  const idle = run.alive.filter(
    (beat) => beat.status === 'idle' && !isShunned(run, beat) && !(status === 'recovering' && isReleased(beat)),
  );
  const returning = run.alive.filter(
    (beat) =>
      beat.status !== 'draining' &&
      beat.runId === run.runId &&
      beat.generation !== null &&
      beat.generation < generation &&
      !isReleased(beat),
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
    free: fitting.filter((beat) => beat.status === 'idle' && !isShunned(run, beat) && !isInTrouble(run, beat)),
  };
}

/** It could not prepare for this run, and tries again later. */
const isInTrouble = ({ runId, now }: Observed, { trouble }: WorkerBeat): boolean =>
  trouble?.runId === runId && now < trouble.until;

/** The run goes on without it for now: it was too slow, or there is no room for the state that it would need. */
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

/** What a run may take of the workers that are free, and who is the reason where that is not enough. */
export interface Turn {
  /** The run that must have its workers before this one; null: it is this one's turn. */
  first: WaitingRun | null;
  /** Free workers that no run before this one is gathering. */
  free: number;
}

/**
 * Whose turn it is. What gathers already gets up to its `maxWorkers` of the free workers, in turn, after queued runs of higher priority that fit; of the
 * rest the first of the queued that fits. A run that cannot get enough lets others pass, but not for ever.
 */
export function turnOf(run: Observed, rivals: WaitingRun[], freeWorkers: number): Turn {
  const own: Standing = {
    runId: run.runId,
    priority: run.desired.priority,
    createdAt: Date.parse(run.spec.createdAt),
  };
  const { minWorkers } = run.desired;
  const ownGathers = (run.state?.status ?? 'queued') !== 'queued';
  const here = rivals.filter(({ standsBackUntil }) => standsBackUntil <= run.now).sort(byTurn);
  // what was taken from this run for one of higher priority is that one's, though it does not gather yet
  const takes = (rival: WaitingRun) => rival.priority > own.priority && rival.minWorkers <= freeWorkers;
  const ahead = here.filter((rival) =>
    ownGathers ? byTurn(rival, own) < 0 && (gathers(rival) || takes(rival)) : gathers(rival),
  );
  const waitedFor = ahead.find((rival) => owed(rival, run.alive) > 0) ?? null;
  const free = Math.max(0, freeWorkers - ahead.reduce((sum, rival) => sum + owed(rival, run.alive), 0));
  if (ownGathers) {
    return { first: free === 0 ? waitedFor : null, free };
  }
  const largest = largestGang(run);
  const fits = (rival: WaitingRun): boolean =>
    rival.minWorkers <= free || (rival.minWorkers <= largest && reserves(run.now - rival.since));
  const before = here.find((rival) => !gathers(rival) && byTurn(rival, own) < 0 && fits(rival));
  return { first: before ?? (free < minWorkers ? waitedFor : null), free };
}

const gathers = ({ status }: WaitingRun): boolean => status !== 'queued';

/** How many workers a run that gathers still wants, besides those that are its own already or about to come back to it. */
export function owed({ runId, maxWorkers }: WaitingRun, alive: WorkerBeat[]): number {
  const own = alive.filter((beat) => beat.runId === runId && beat.status !== 'draining').length;
  return Math.max(0, maxWorkers - own);
}

/**
 * Of the waiting runs, in turn: those that may gather now that these workers are alive. `head`: the first of the queued too, which may take workers
 * from others. Whether they really may is for their coordinators to say. Pure.
 */
export function whoseTurn(rows: WaitingRun[], alive: WorkerBeat[], now: number, head: boolean): string[] {
  const idle = new Map<string, number>();
  for (const { status, fingerprint } of alive) {
    if (status === 'idle') idle.set(fingerprint, (idle.get(fingerprint) ?? 0) + 1);
  }
  const promised = rows.filter(gathers).reduce((sum, row) => sum + owed(row, alive), 0);
  const free = Math.max(0, ...idle.values()) - promised;
  const inTurn = rows.filter((row) => !gathers(row) && row.standsBackUntil <= now).sort(byTurn);
  const fitting = inTurn.find(({ minWorkers }) => minWorkers <= free);
  const first = head ? inTurn[0] : undefined;
  return [...new Set([first, fitting].flatMap((row) => (row ? [row.runId] : [])))];
}

type Standing = Pick<WaitingRun, 'runId' | 'priority' | 'createdAt'>;

/** By priority, then age, then id. */
function byTurn(a: Standing, b: Standing): number {
  return b.priority - a.priority || a.createdAt - b.createdAt || (a.runId < b.runId ? -1 : 1);
}

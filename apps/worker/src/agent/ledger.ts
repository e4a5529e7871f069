import type { EventEntry, MetricsEntry, StateEntry } from '@regatta/contracts';
import type { Observed } from './observer.js';
import { initialState, type RunState } from './run-state.js';

/** One line of a run's ledger: what happened, in a sentence for people and in data for programs. */
export interface LedgerLine {
  event: string;
  message: string;
  data?: Record<string, unknown>;
}

/** A change of a run: what is then observed of it, and what the ledger says. */
export interface Change {
  patch: Partial<RunState>;
  lines: LedgerLine[];
  /** It holds only if no run has begun to gather since this turn. */
  turn?: number;
  /** Points at the newest complete step. */
  values?: Record<string, number | null>;
}

/** The newest complete step of the run; 0 before the first. */
export const completeStep = (run: Observed): number => run.group?.complete?.step ?? 0;

/**
 * The entries that a change adds to the stream: its ledger lines, then the state as it is from now on.
 * Keys of events carry the epoch, which only one transition can take: a line is never there twice.
 */
export function entriesOf(run: Observed, { patch, lines, values }: Change): (EventEntry | MetricsEntry | StateEntry)[] {
  const after: RunState = { ...(run.state ?? initialState(run.now)), ...patch };
  const epoch = run.epoch + 1;
  const entry = { runId: run.runId, generation: after.generation, time: new Date(run.now).toISOString() };
  const events = lines.map(
    ({ event, message, data = {} }, index): EventEntry => ({
      type: 'event',
      ...entry,
      key: `${event}-${epoch}-${index}`,
      event,
      step: completeStep(run),
      message,
      data,
    }),
  );
  const state: StateEntry = {
    type: 'state',
    ...entry,
    epoch,
    status: after.status,
    restarts: after.restarts,
    workers: after.workers,
    reason: after.reason,
    error: after.error,
    weightsSha256: after.weightsSha256,
    goodput: after.goodput,
    fingerprint: after.fingerprint,
  };
  const points: MetricsEntry[] = values
    ? [{ type: 'metrics', ...entry, step: completeStep(run), epoch: 0, values }]
    : [];
  return [...events, ...points, state];
}

/** A worker as people know it: its host and process. Its id has four more letters, that differ after a restart. */
export const nameOf = ({ workerId, host }: { workerId: string; host: string }): string =>
  workerId.startsWith(`${host}-`) ? workerId.replace(/-[0-9a-f]{4}$/, '') : workerId;

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
export const counted = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

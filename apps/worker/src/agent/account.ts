import { isFinished, metric } from '@regatta/contracts';
import type { Change } from './ledger.js';
import type { Observed } from './observer.js';
import { type Interruption, initialState, type RunState } from './run-state.js';

/** Where a run's time goes. Pure. */

/** How often the account of a run's time is brought up to date while nothing else happens. */
const accountEveryMs = 2000;

/** Whether a run that has started, and is neither paused nor over, was not accounted for a while. */
export function accountIsDue({ state, now }: Observed): boolean {
  return (
    state !== null &&
    state.startedAt !== null &&
    state.status !== 'paused' &&
    !isFinished(state.status) &&
    now - Math.max(state.accountedAt, state.since) >= accountEveryMs
  );
}

/** The account of the run's time so far, as a number of the run and as a point. */
export function accounted(run: Observed): Change {
  const goodput = goodputOf(run, run.state ?? initialState(run.now));
  return { patch: { goodput, accountedAt: run.now }, lines: [], values: { [metric.goodput]: goodput } };
}

/**
 * Share of the time since the first start, but not of pauses, that went into steps that count; null before it. What an interrupted
 * generation has trained counts until it is known from which step the next one goes on.
 */
export function goodputOf(run: Observed, state: RunState): number | null {
  if (state.startedAt === null || run.now <= state.startedAt + state.pausedMs) {
    return null;
  }
  const { interruption, resume, generation } = state;
  const unsettled = interruption !== null && resume.generation !== generation ? interruption.trainedMs : 0;
  const now = state.trainingSince === null ? unsettled : run.now - state.trainingSince;
  return Math.min(1, (state.productiveMs + now) / (run.now - state.startedAt - state.pausedMs));
}

/** Of the time that an interrupted generation trained, the share whose steps are in the checkpoint. */
export function keptMs({ trainedMs, trainedFrom, step }: Interruption, resumeStep: number): number {
  const share = step > trainedFrom ? (resumeStep - trainedFrom) / (step - trainedFrom) : 0;
  return trainedMs * Math.min(1, Math.max(0, share));
}

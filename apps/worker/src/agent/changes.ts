import { goodputOf, keptMs } from './account.js';
import { type Change, completeStep, counted, type LedgerLine, nameOf, seconds } from './ledger.js';
import type { Loss } from './losses.js';
import type { Observed } from './observer.js';
import type { Pool } from './pool.js';
import type { MemberReport } from './reports.js';
import { type Interruption, initialState, type RunState } from './run-state.js';

/** Every change that a coordinator can make to a run: the new state and what the ledger says of it. Pure. */

export const stateOf = (run: Observed): RunState => run.state ?? initialState(run.now);
export const entering = (run: Observed, status: RunState['status'], reason: string) => ({
  status,
  reason,
  since: run.now,
});
/** The one after all that the run has had. */
export const nextGeneration = (run: Observed, state: RunState): number =>
  Math.max(state.generation, run.group?.generation ?? 0) + 1;
const where = ({ step, held }: Pick<RunState['resume'], 'step' | 'held'>): string => {
  if (step === null) return 'the beginning';
  return held ? `step ${step}, which they hold` : `the checkpoint of step ${step}`;
};

/** What the first transition of a run writes besides its patch. */
export const first = (run: Observed): RunState => initialState(run.now);

export function queued(run: Observed): Change {
  const reason = 'waits for its turn';
  const { minWorkers, maxWorkers } = run.desired;
  const patch = { ...entering(run, 'queued', reason), limits: { minWorkers, maxWorkers } };
  return { patch, lines: [{ event: 'queued', message: 'The run is queued.' }] };
}

/** Why a run does not gather now, or its gang does not become complete; for people. `first`: name of the run that goes first. */
export function waitingReason(run: Observed, pool: Pool, first: string | null): string {
  const { minWorkers } = run.desired;
  const there = (run.group?.phase === 'open' ? run.group.members.length : 0) + pool.free.length;
  if (there < minWorkers) {
    const differ = pool.others.length > 0 ? `, and ${counted(pool.others.length, 'worker')} of another kind` : '';
    return `waits for ${counted(minWorkers, 'worker')}: ${there} free of ${run.alive.length} alive${differ}`;
  }
  return first ? `waits for its turn: run ${first} gathers its workers first` : 'waits for its turn';
}

/** The reason is kept up to date; the ledger has a line only for another kind of waiting, not for every worker that comes and goes. */
export function waiting(run: Observed, reason: string): Change {
  const kind = (text: string): string => text.split(':')[0];
  const news = kind(reason) !== kind(stateOf(run).reason);
  return { patch: { reason }, lines: news ? [{ event: 'waiting', message: `The run ${reason}.` }] : [] };
}

export function gathering(run: Observed, pool: Pool): Change {
  const generation = nextGeneration(run, stateOf(run));
  const reason = `gathers its workers: ${counted(pool.free.length, 'worker')} free`;
  return {
    patch: { ...entering(run, 'gathering', reason), generation, fingerprint: pool.fingerprint, workers: [] },
    lines: [{ event: 'gathering', message: `The run ${reason}.`, data: { free: pool.free.length } }],
  };
}

/** So many members have claimed a place, the last one now. */
export const joined = (run: Observed, count: number): Change => ({
  patch: { joined: { generation: stateOf(run).generation, count, at: run.now } },
  lines: [],
});

export function gaveBack(run: Observed, reason: string, until: number): Change {
  return {
    patch: { ...entering(run, 'queued', reason), standsBackUntil: until },
    lines: [{ event: 'gave-back', message: `The run gave its workers back to others: it ${reason}.` }],
  };
}

/** The newest checkpoint that verifies; those that do not are named. The work that is thereby lost no longer counts as productive. */
export function resumeFrom(
  run: Observed,
  newest: { step: number | null; refused: { step: number; reason: string }[] },
): Change {
  const state = stateOf(run);
  const { interruption } = state;
  const productiveMs = state.productiveMs + (interruption ? keptMs(interruption, newest.step ?? 0) : 0);
  return {
    patch: { resume: { generation: state.generation, step: newest.step, held: false }, productiveMs },
    lines: newest.refused.map(({ step, reason }) => ({
      event: 'warning',
      message: `The checkpoint of step ${step} is refused: ${reason}. The run goes on from ${where({ step: newest.step, held: false })}.`,
      data: { refusedStep: step, reason },
    })),
  };
}

/** Members hold the state of a step: no checkpoint is read, and no step is repeated. */
export function goOnFrom(run: Observed, step: number): Change {
  const state = stateOf(run);
  const productiveMs = state.productiveMs + (state.interruption ? keptMs(state.interruption, step) : 0);
  return { patch: { resume: { generation: state.generation, step, held: true }, productiveMs }, lines: [] };
}

/** The gang trains, and prepared workers wait for a place in it: all meet anew at the next step. */
export function grows(run: Observed, joiners: { id: string; host: string }[]): Change {
  const state = stateOf(run);
  const who = joiners.map(({ id, host }) => nameOf({ workerId: id, host })).join(', ');
  const verb = joiners.length === 1 ? 'joins' : 'join';
  return {
    patch: {
      ...entering(run, 'recovering', `takes in ${counted(joiners.length, 'worker')}`),
      generation: nextGeneration(run, state),
      workers: [],
      interruption: interruptionOf(run, state, [], { planned: true, cause: `worker ${who} ${verb}` }),
      trainingSince: null,
      goodput: goodputOf(run, state),
    },
    lines: joiners.map(({ id, host }) => ({
      event: 'worker-joins',
      message: `Worker ${nameOf({ workerId: id, host })} is prepared and joins.`,
      data: { workerId: id, host, workersBefore: state.workers.length, all: who },
    })),
  };
}

/** The gang is fixed; its ranks read the checkpoint and meet. */
export function started(run: Observed): Change {
  const state = stateOf(run);
  const workers = (run.group?.members ?? []).map(({ workerId, host }, rank) => ({ rank, workerId, host }));
  const from = where(state.resume);
  const patch = { workers, startedAt: state.startedAt ?? run.now, trainingSince: null };
  const others = refusedKinds(run, state);
  if (state.status === 'recovering') {
    const reason = `${counted(workers.length, 'worker')} go on from ${from}`;
    const message = `${counted(workers.length, 'worker')} met again and go on from ${from}.`;
    const data = { workers: workers.length, resumeStep: state.resume.step };
    return { patch: { ...patch, reason }, lines: [{ event: 'reformed', message, data }, ...others] };
  }
  const message = `Training starts on ${counted(workers.length, 'worker')} from ${from}.`;
  const data = { workers: workers.length, resumeStep: state.resume.step };
  return {
    patch: { ...patch, ...entering(run, 'running', `trains on ${counted(workers.length, 'worker')}`) },
    lines: [{ event: 'started', message, data }, ...others],
  };
}

/** Idle workers that could have joined, but would compute other bits. */
function refusedKinds(run: Observed, state: RunState): LedgerLine[] {
  const gang = run.group?.members[0]?.fingerprint ?? state.fingerprint;
  return run.alive
    .filter((beat) => beat.status === 'idle' && beat.fingerprint !== gang)
    .map((beat) => ({
      event: 'warning',
      message: `Worker ${nameOf({ workerId: beat.id, host: beat.host })} is not taken: its fingerprint is ${beat.fingerprint}, the gang's is ${gang}.`,
      data: { workerId: beat.id, fingerprint: beat.fingerprint, gang },
    }));
}

/** The generation has committed its first step. After an interruption: its account. */
export function training(run: Observed): Change {
  const state = stateOf(run);
  const workers = state.workers.length;
  const from = state.resume.step ?? 0;
  const patch = {
    ...entering(run, 'running', `trains on ${counted(workers, 'worker')}`),
    failures: 0,
    trainingSince: run.now,
    trainingFrom: from,
    interruption: null,
    goodput: goodputOf(run, { ...state, trainingSince: run.now }),
  };
  if (state.interruption === null) {
    return { patch, lines: [] };
  }
  const { at, step, workersBefore, cause, planned, detectedAfterMs } = state.interruption;
  const repeated = Math.max(0, step - from);
  const noticed = planned ? '' : `, noticed after ${seconds(detectedAfterMs)}`;
  const message =
    `Training goes on from ${where(state.resume)}, ${seconds(run.now - at)} after the interruption: ` +
    `${counted(repeated, 'step')} to repeat, ${counted(workers, 'worker')} (before: ${workersBefore}). ` +
    `What interrupted it: ${cause}${noticed}.`;
  const data = {
    cause,
    planned,
    detectedAfterSeconds: detectedAfterMs / 1000,
    resumedAfterSeconds: (run.now - at) / 1000,
    fromStep: from,
    stepsRepeated: repeated,
    workersBefore,
    workersAfter: workers,
  };
  return { patch, lines: [{ event: 'resumed', message, data }] };
}

export function interruptionOf(
  run: Observed,
  state: RunState,
  losses: Loss[],
  { planned, cause }: { planned: boolean; cause: string },
): Interruption {
  const detectedAfterMs = Math.max(0, ...losses.map((loss) => loss.detectedAfterMs));
  const before = state.interruption;
  const settled = state.resume.generation === state.generation;
  return {
    at: before?.at ?? run.now - detectedAfterMs,
    detectedAfterMs: Math.max(detectedAfterMs, before?.detectedAfterMs ?? 0),
    step: Math.max(before?.step ?? 0, completeStep(run)),
    workersBefore: before?.workersBefore ?? state.workers.length,
    planned: planned && (before?.planned ?? true),
    // one that comes before the run has recovered from another is a part of it
    cause: before ? `${before.cause}; then ${cause}`.slice(0, 500) : cause,
    trainedMs: state.trainingSince === null ? (settled ? 0 : (before?.trainedMs ?? 0)) : run.now - state.trainingSince,
    trainedFrom: state.trainingSince === null ? (before?.trainedFrom ?? 0) : state.trainingFrom,
  };
}

export function completed(run: Observed, { step, weightsSha256 }: MemberReport): Change {
  const goodput = goodputOf(run, stateOf(run));
  return {
    patch: { ...entering(run, 'completed', 'finished'), weightsSha256, goodput, error: null },
    lines: [
      {
        event: 'completed',
        message: `The run finished after ${counted(step ?? 0, 'step')}.`,
        data: { step, weightsSha256 },
      },
    ],
  };
}

export function failed(run: Observed, { code, message }: MemberReport): Change {
  const goodput = goodputOf(run, stateOf(run));
  return {
    patch: { ...entering(run, 'failed', message), error: { code, message }, workers: [], goodput },
    lines: [{ event: 'failed', message: `The run failed: ${message}`, data: { code } }],
  };
}

export const cancelling = (run: Observed): Change => ({
  patch: { cancellingSince: run.now, reason: 'is being cancelled' },
  lines: [],
});

export function cancelled(run: Observed, last: MemberReport | null): Change {
  const step = last?.step ?? completeStep(run);
  const saved = last?.outcome === 'stopped' && last.weightsSha256 !== null;
  const message = `The run was cancelled at step ${step}${saved ? ', with a checkpoint' : ''}.`;
  const weightsSha256 = last?.weightsSha256 ?? null;
  return {
    patch: {
      ...entering(run, 'cancelled', 'cancelled'),
      workers: [],
      weightsSha256,
      goodput: goodputOf(run, stateOf(run)),
    },
    lines: [{ event: 'cancelled', message, data: { step, weightsSha256 } }],
  };
}

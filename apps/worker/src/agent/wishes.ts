import type { Member } from '@regatta/collective';
import { goodputOf } from './account.js';
import { interruptionOf, nextGeneration, stateOf } from './changes.js';
import { type Change, completeStep, counted, nameOf } from './ledger.js';
import type { Observed } from './observer.js';
import type { MemberReport } from './reports.js';

/** Changes that a person asked for, or a run of higher priority: pause, go on, scale, give workers away. Pure. */

const range = ({ minWorkers, maxWorkers }: { minWorkers: number; maxWorkers: number }): string =>
  minWorkers === maxWorkers ? counted(maxWorkers, 'worker') : `${minWorkers} to ${maxWorkers} workers`;

/** The limits are others than the run was observed with. */
export function scaled(run: Observed): Change {
  const { minWorkers, maxWorkers } = run.desired;
  const before = stateOf(run).limits ?? run.spec.config.distributed;
  return {
    patch: { limits: { minWorkers, maxWorkers } },
    lines: [
      {
        event: 'scaled',
        message: `The run was scaled to ${range(run.desired)} (before: ${range(before)}).`,
        data: { minWorkers, maxWorkers, before: { minWorkers: before.minWorkers, maxWorkers: before.maxWorkers } },
      },
    ],
  };
}

/** Some of the gang are let go; the others meet anew at the next step, with the state they hold. */
export function releases(run: Observed, members: Member[], why: string): Change {
  const state = stateOf(run);
  const generation = nextGeneration(run, state);
  const workerIds = members.map(({ workerId }) => workerId);
  const stay = state.workers.length - members.length;
  const who = `${counted(members.length, 'worker')} ${members.length === 1 ? 'was' : 'were'}`;
  return {
    patch: {
      status: 'recovering',
      reason: `goes on with ${counted(stay, 'worker')}: ${why}`,
      since: run.now,
      generation,
      workers: [],
      released: { generation, workerIds },
      interruption: interruptionOf(run, state, [], { planned: true, cause: `${who} released, ${why}` }),
      trainingSince: null,
      goodput: goodputOf(run, state),
    },
    lines: members.map(({ workerId, host }) => ({
      event: 'worker-released',
      message: `Worker ${nameOf({ workerId, host })} is released: ${why}.`,
      data: { workerId, host, workersBefore: state.workers.length, workersAfter: stay },
    })),
  };
}

/** A run of higher priority needs the workers: the gang is asked to stop with a checkpoint. */
export const yields = (run: Observed, to: { runId: string; name: string; priority: number }): Change => ({
  patch: { yielding: { runId: to.runId }, reason: `gives its workers to run ${to.name}` },
  lines: [
    {
      event: 'pre-empted',
      message: `Run ${to.name} of priority ${to.priority} needs the workers: this one is saved and queued again.`,
      data: { by: to.runId, priority: to.priority, ownPriority: run.desired.priority },
    },
  ],
});

/** A run that gave its workers to another one lets it gather first: they come free one after another. */
const givenUpMs = 5000;

/** The gang has stopped (`last`: rank 0's word), or there was none: the run is paused, or queued again where it gave way to another. */
export function halted(run: Observed, last: MemberReport | null): Change {
  const state = stateOf(run);
  const step = last?.step ?? completeStep(run);
  const trainedMs = last && state.trainingSince !== null ? run.now - state.trainingSince : 0;
  const saved = last?.weightsSha256 ? ', with a checkpoint' : '';
  const patch = {
    since: run.now,
    workers: [],
    yielding: null,
    interruption: null,
    trainingSince: null,
    productiveMs: state.productiveMs + trainedMs,
    goodput: goodputOf(run, state),
  };
  if (run.desired.state === 'paused') {
    const message = `The run is paused at step ${step}${saved}. It holds no worker.`;
    const data = { step, weightsSha256: last?.weightsSha256 ?? null };
    return {
      patch: { ...patch, status: 'paused', reason: `paused at step ${step}` },
      lines: [{ event: 'paused', message, data }],
    };
  }
  const reason = 'waits for its turn';
  const message = `The run is queued again at step ${step}${saved}.`;
  return {
    patch: { ...patch, status: 'queued', reason, standsBackUntil: run.now + givenUpMs },
    lines: [{ event: 'queued', message, data: { step } }],
  };
}

/** A paused run is wanted again. The time it stood does not count against its goodput. */
export function continued(run: Observed): Change {
  const state = stateOf(run);
  const stood = state.startedAt === null ? 0 : run.now - state.since;
  const message = 'The run is no longer paused and waits for its turn.';
  return {
    patch: { status: 'queued', reason: 'waits for its turn', since: run.now, pausedMs: state.pausedMs + stood },
    lines: [{ event: 'continued', message, data: { pausedSeconds: (run.now - state.since) / 1000 } }],
  };
}

import { goodputOf } from './account.js';
import { entering, interruptionOf, nextGeneration, stateOf } from './changes.js';
import { type Change, counted, type LedgerLine, nameOf, seconds } from './ledger.js';
import type { Loss } from './losses.js';
import { microBatchOf, outOfMemory, smallerMicroBatch } from './micro-batch.js';
import type { Observed } from './observer.js';
import type { MemberReport } from './reports.js';
import type { Interruption, RunState } from './run-state.js';

/** The changes that follow from the loss of members. Pure, as those of changes.ts. */

/** The gang is broken: the run goes back to its newest checkpoint, or fails if that happened too often without a step between. */
export function lost(run: Observed, losses: Loss[], early: MemberReport | null = null): Change {
  const state = stateOf(run);
  const cause = losses[0]?.cause ?? early?.message ?? run.group?.reason ?? 'the gang fell apart';
  const planned = losses.length > 0 && losses.every((loss) => loss.planned);
  // a step may be committed and its gang lost before anybody has looked
  const trained = state.trainingSince !== null || run.group?.complete?.generation === state.generation;
  const shortage = lessMemory(run, state, losses, early);
  // with a smaller micro-batch it is not the same attempt again
  const failures = planned || shortage ? state.failures : trained ? 1 : state.failures + 1;
  const what = losses.map(lossText).join(' and ') || cause;
  const interruption = interruptionOf(run, state, losses, { planned, cause: what });
  const survivors = (run.group?.members.length ?? 0) - losses.length;
  const lines = [...losses.map(lossLine), recoveringLine(interruption, cause, survivors), ...(shortage?.lines ?? [])];
  if (failures > run.spec.config.training.maxRestarts) {
    const report = losses.find((loss) => loss.report)?.report ?? early;
    const error = { code: report?.code ?? 'internal', message: cause };
    const message = `The run failed ${counted(failures, 'time')} without committing a step between: ${cause}`;
    const end = { ...entering(run, 'failed', message), error, workers: [], failures, goodput: goodputOf(run, state) };
    return { patch: end, lines: [...losses.map(lossLine), { event: 'failed', message, data: { ...error, failures } }] };
  }
  return {
    patch: {
      ...entering(run, 'recovering', `recovers: ${cause}`),
      generation: nextGeneration(run, state),
      restarts: planned ? state.restarts : state.restarts + 1,
      failures,
      workers: [],
      interruption,
      trainingSince: null,
      goodput: goodputOf(run, state),
      ...shortage?.patch,
    },
    lines,
  };
}

/**
 * A trainer ran out of memory: from the next step on every rank runs its graph on fewer sequences at once. What a shard holds stays as it is, but
 * its sum is made of other parts, and each draws its own dropout. null: nobody did, or there is no smaller micro-batch.
 */
function lessMemory(run: Observed, state: RunState, losses: Loss[], early: MemberReport | null): Change | null {
  const reports = [early, ...losses.map(({ report }) => report)];
  if (!reports.some((report) => report?.code === outOfMemory)) return null;
  const before = microBatchOf(run.spec, state);
  const after = smallerMicroBatch(before);
  if (after === null) return null;
  const message =
    `Numbers changed: for want of memory a micro-batch has ${counted(after, 'sequence')} from here on instead of ${before}. ` +
    'Its parts are added in another order and draw other dropout: losses and weights are not those of a run without this shortage.';
  return {
    patch: { microBatchSize: after },
    lines: [{ event: 'numbers-changed', message, data: { microBatchSize: after, before } }],
  };
}

/** Of these losses, the ones that the ledger does not know yet. */
export function unheardOf(run: Observed, losses: Loss[]): Loss[] {
  const { generation, missed } = stateOf(run);
  return losses.filter(({ member }) => missed.generation !== generation || !missed.memberIds.includes(member.memberId));
}

/** Members were lost before their gang started: the ledger knows why their places will be free again. */
export function lostWhileGathering(run: Observed, losses: Loss[]): Change {
  const { generation, missed } = stateOf(run);
  const before = missed.generation === generation ? missed.memberIds : [];
  const memberIds = [...before, ...losses.map(({ member }) => member.memberId)];
  return { patch: { missed: { generation, memberIds } }, lines: losses.map(lossLine) };
}

const lossText = ({ member, rank, cause, planned }: Loss): string =>
  `worker ${nameOf(member)} (rank ${rank}) ${planned ? 'left' : 'was lost'}: ${cause}`;

function lossLine(loss: Loss): LedgerLine {
  const { member, rank, cause, detectedAfterMs, planned } = loss;
  const { workerId, host } = member;
  const data = { rank, workerId, host, cause, detectedAfterSeconds: detectedAfterMs / 1000 };
  const said = `W${lossText(loss).slice(1)}`;
  return planned
    ? { event: 'worker-left', message: `${said}.`, data }
    : { event: 'worker-lost', message: `${said}; detected after ${seconds(detectedAfterMs)}.`, data };
}

function recoveringLine(
  { detectedAfterMs, workersBefore, step }: Interruption,
  cause: string,
  survivors: number,
): LedgerLine {
  const what =
    survivors > 0
      ? `${counted(survivors, 'worker')} that ${survivors === 1 ? 'is' : 'are'} left go on`
      : 'The run goes back to its newest checkpoint';
  return {
    event: 'recovering',
    message: `${what}: ${cause}. Before: ${counted(workersBefore, 'worker')} at step ${step}.`,
    data: { cause, detectedAfterSeconds: detectedAfterMs / 1000, workersBefore, step },
  };
}

import type { Membership } from '@regatta/collective';
import { keys } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import * as changes from './changes.js';
import type { Change } from './ledger.js';
import { lossesOf, reportOfRankZero } from './losses.js';
import type { Observed } from './observer.js';
import type { MemberReport } from './reports.js';
import type { RunState } from './run-state.js';
import * as wishes from './wishes.js';

/** How long the ranks of a cancelled or finished run may take to end by themselves. */
const farewellMs = 10_000;
/** Readers that come late (a trainer, the API's reconciler) still find the keys of a finished run. */
const keptSeconds = 3600;

type Conclude = (run: Observed, change: Change, options?: { silent?: boolean }) => Promise<boolean>;

/** A gang that trains is to stop at a step and give its workers back. */
export const stops = (run: Observed): boolean =>
  run.desired.state === 'paused' || (run.state !== null && run.state.yielding !== null);

/** The coordinator's ways to end a gang: for a while (paused, pre-empted), for good (cancelled), or because its run is over. */
export class Endings {
  constructor(
    private readonly parts: { redis: Redis; membership: Membership },
    private readonly conclude: Conclude,
  ) {}

  /** Rank 0 is asked to stop after the step under way, with a checkpoint. If it is lost first, the others go on to where they can stop. */
  async halt(run: Observed, state: RunState): Promise<boolean> {
    const last = reportOfRankZero(run);
    if (last?.outcome === 'stopped') {
      return this.halted(run, last);
    }
    // Closed before it became a gang.
    if (run.group?.phase === 'closed' && state.workers.length === 0) {
      return this.halted(run, null);
    }
    const losses = lossesOf(run);
    if (losses.length > 0 || last || (run.group?.generation ?? 0) > state.generation) {
      return this.conclude(run, changes.lost(run, losses));
    }
    await this.parts.redis.publish(keys.orders(run.runId), 'stop');
    return false;
  }

  async halted(run: Observed, last: MemberReport | null): Promise<boolean> {
    await this.conclude(run, wishes.halted(run, last));
    // those that wait for another generation learn that there is none
    await this.parts.redis.publish(keys.orders(run.runId), 'over');
    return true;
  }

  /** The ranks are asked to stop within a step; the run is cancelled when rank 0 has (with a checkpoint, if it could write one) or after a while. */
  async cancel(run: Observed, state: RunState): Promise<boolean> {
    const last = reportOfRankZero(run);
    if (last?.outcome === 'finished') {
      return this.conclude(run, changes.completed(run, last));
    }
    const trains = state.workers.length > 0 && run.group?.generation === state.generation;
    const rankZeroGone = lossesOf(run).some(({ rank }) => rank === 0);
    const asked = state.cancellingSince;
    if (!trains || last || rankZeroGone || (asked !== null && run.now - asked > farewellMs)) {
      return this.conclude(run, changes.cancelled(run, last));
    }
    const changed = asked === null && (await this.conclude(run, changes.cancelling(run), { silent: true }));
    await this.parts.redis.publish(keys.orders(run.runId), 'cancel');
    return changed;
  }

  /** Finished: waits until the ranks have ended, then gives the keys up. */
  async retire(run: Observed, state: RunState): Promise<boolean> {
    const { redis, membership } = this.parts;
    const stillThere = (run.group?.members ?? []).filter(
      ({ memberId, workerId }) =>
        !run.reports.of.has(memberId) && run.alive.some((beat) => beat.id === workerId && beat.runId === run.runId),
    );
    if (state.status === 'completed' && stillThere.length > 0 && run.now - state.since < farewellMs) {
      return false;
    }
    await membership.drop(run.runId);
    const done = redis.multi().zrem(keys.activeRuns, run.runId);
    for (const key of [keys.spec(run.runId), keys.desired(run.runId), keys.state(run.runId)]) {
      done.expire(key, keptSeconds);
    }
    await done.exec();
    return false;
  }
}

import { lossesOf, reportOfRankZero } from './losses.js';
import type { Observed } from './observer.js';
import type { MemberReport } from './reports.js';
import type { RunState } from './run-state.js';
import type { Transitions } from './transitions.js';

/** How long the ranks of a cancelled or finished run may take to end by themselves. */
const farewellMs = 10_000;

/** A gang that trains is to stop at a step and give its workers back. */
export const stops = (run: Observed): boolean =>
  run.desired.state === 'paused' || (run.state !== null && run.state.yielding !== null);

/** The coordinator's ways to end a gang: for a while (paused, pre-empted), for good (cancelled), or because its run is over. */
export class Endings {
  constructor(private readonly transitions: Transitions) {}

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
      return this.transitions.conclude('lost', run, losses);
    }
    await this.transitions.act('call-ranks', run);
    return false;
  }

  async halted(run: Observed, last: MemberReport | null): Promise<boolean> {
    await this.transitions.conclude('halted', run, last);
    // those that wait for another generation learn that there is none
    await this.transitions.act('call-ranks', run);
    return true;
  }

  /** The ranks are asked to stop within a step; the run is cancelled when rank 0 has (with a checkpoint, if it could write one) or after a while. */
  async cancel(run: Observed, state: RunState): Promise<boolean> {
    const last = reportOfRankZero(run);
    if (last?.outcome === 'finished') {
      return this.transitions.conclude('completed', run, last);
    }
    const trains = state.workers.length > 0 && run.group?.generation === state.generation;
    const rankZeroGone = lossesOf(run).some(({ rank }) => rank === 0);
    const asked = state.cancellingSince;
    if (!trains || last || rankZeroGone || (asked !== null && run.now - asked > farewellMs)) {
      return this.transitions.conclude('cancelled', run, last);
    }
    const changed = asked === null && (await this.transitions.conclude('cancelling', run));
    await this.transitions.act('call-ranks', run);
    return changed;
  }

  /** Finished: waits until the ranks have ended, then gives the keys up. */
  async retire(run: Observed, state: RunState): Promise<boolean> {
    const held = run.alive.some((beat) => beat.runId === run.runId);
    if (held && run.group && run.now - state.since < farewellMs) {
      // who has finished ends by itself, and so do the others
      if (state.status !== 'completed' && run.group.phase !== 'closed') {
        await this.transitions.act('close-generation', run, run.group.generation, 'the run is over');
      }
      return false;
    }
    await this.transitions.act('drop-group', run);
    await this.transitions.act('drop-gradients', run);
    await this.transitions.act('give-keys-up', run);
    return false;
  }
}

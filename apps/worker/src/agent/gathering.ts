import { waitingReason } from './changes.js';
import { type Endings, stops } from './endings.js';
import { earlyFailure, fatalReport, lossesOf } from './losses.js';
import { unheardOf } from './lost.js';
import type { Observed, Observer } from './observer.js';
import { poolFor, turnOf } from './pool.js';
import type { RunState } from './run-state.js';
import type { Transitions } from './transitions.js';

/** A gang with at least minWorkers starts when nobody more came for so long. */
const settledMs = 2000;
/** A gang that cannot reach minWorkers gives its ranks back after so long, if another run waits; and then lets others go first for as long. */
const patienceMs = 15_000;
/** How long a gang waits for survivors that still compute the step in which their generation ended. */
const returnMs = 10_000;
export interface NewestCheckpoint {
  /** null: there is none that can be trusted. */
  step: number | null;
  /** Checkpoints that were found altered or truncated, and why. */
  refused: { step: number; reason: string }[];
}

/** It sees by the observer, and changes something by transitions alone. */
export interface GatheringParts {
  observer: Observer;
  transitions: Transitions;
  newestCheckpoint(runId: string): Promise<NewestCheckpoint>;
}

/** The rules by which a gang gathers: whom it waits for and for how long, and what it starts from. */
export class Gathering {
  constructor(
    private readonly parts: GatheringParts,
    private readonly endings: Endings,
  ) {}

  /** gathering, recovering: offers ranks until the gang is complete, or as complete as it will be. One transition, as the coordinator takes them. */
  async gather(run: Observed, state: RunState): Promise<boolean> {
    const members = run.group?.members ?? [];
    const { minWorkers, maxWorkers } = run.desired;
    const fatal = fatalReport(run);
    if (fatal) {
      return this.transitions.conclude('failed', run, fatal);
    }
    const early = earlyFailure(run);
    if (early) {
      return this.transitions.conclude('lost', run, [], early);
    }
    const gone = lossesOf(run);
    if (gone.length > 0) {
      const news = unheardOf(run, gone);
      if (news.length > 0) {
        return this.transitions.conclude('lost-while-gathering', run, news);
      }
      const leave = gone.map(({ member, cause }) =>
        this.transitions.act('free-place', run, state.generation, member.memberId, cause),
      );
      await Promise.all(leave);
      return true;
    }
    if (state.joined.generation !== state.generation || state.joined.count !== members.length) {
      return this.transitions.conclude('joined', run, members.length);
    }
    const pool = poolFor(run);
    const settled = run.now - state.joined.at >= settledMs;
    const returning = run.now - state.since < returnMs ? pool.returning.length : 0;
    const nobodyHolds = returning === 0 && !members.some(({ step }) => step !== undefined);
    if (stops(run) && (nobodyHolds || (returning === 0 && members.length < minWorkers))) {
      const why = 'the run stops before its gang is complete';
      await this.transitions.act('close-generation', run, state.generation, why);
      return this.endings.halted(run, null);
    }
    if (members.length >= maxWorkers) {
      return this.startGang(run, state);
    }
    const { first, free } = turnOf(run, (await this.parts.observer.rivals(run)).runs, pool.free.length);
    // Survivors wait for nobody but one another: who else comes is taken in when he is prepared.
    const nobodyComes = free + pool.coming.length === 0;
    const nobodyElse = nobodyComes || settled || members.some(({ step }) => step !== undefined);
    if (members.length >= minWorkers && returning === 0 && nobodyElse) {
      return this.startGang(run, state);
    }
    const waited = run.now - Math.max(state.joined.at, state.since);
    if (first === null && returning === 0) {
      await this.transitions.act('offer-ranks', run, state.generation, {
        count: Math.min(maxWorkers, members.length + free),
        fingerprint: pool.fingerprint,
      });
    }
    const possible = members.length + pool.coming.length + free + pool.returning.length;
    if (possible >= minWorkers || waited < patienceMs) {
      return false;
    }
    return this.standBack(
      run,
      state,
      waitingReason(run, pool, first && (await this.parts.observer.nameOf(first.runId))),
    );
  }

  /** The gang cannot become complete: it says what it waits for, and gives its ranks back where another run can use them. */
  private async standBack(run: Observed, state: RunState, reason: string): Promise<boolean> {
    const othersWait = (await this.parts.observer.rivals(run)).runs.length > 0;
    if (!othersWait) {
      return reason !== state.reason && this.transitions.conclude('waiting', run, reason);
    }
    return this.transitions.conclude('gave-back', run, reason, run.now + patienceMs);
  }

  /** Decides once what the generation starts from, then fixes the gang; only then do its ranks learn that they may go. */
  private async startGang(run: Observed, state: RunState): Promise<boolean> {
    if (state.resume.generation !== state.generation) {
      const held = Math.max(-1, ...(run.group?.members ?? []).map(({ step }) => step ?? -1));
      if (held >= 0) {
        return this.transitions.conclude('go-on-from', run, held);
      }
      const newest = await this.parts.newestCheckpoint(run.runId);
      return this.transitions.conclude('resume-from', run, newest);
    }
    const started = await this.transitions.act('start-gang', run, state.generation);
    // Refused: somebody left in between, or the generation was raised; the next look shows which.
    return started.accepted || started.reason !== 'too-few';
  }

  private get transitions(): Transitions {
    return this.parts.transitions;
  }
}

import { isFinished } from '@regatta/contracts';
import { accountIsDue } from './account.js';
import { waitingReason } from './changes.js';
import { Endings, stops } from './endings.js';
import { Gathering, type GatheringParts } from './gathering.js';
import { fatalReport, lossesOf, reportOfRankZero } from './losses.js';
import type { Observed } from './observer.js';
import { candidatesOf, type Pool, poolFor, turnOf } from './pool.js';
import { canGive, preemption } from './preemption.js';
import { withoutState } from './put-off.js';
import type { RunState } from './run-state.js';
import { areNews, slowRanks, toDrop } from './stragglers.js';
import type { Transitions } from './transitions.js';

/** More transitions than any run needs at once: then it is another coordinator's turn. */
const maxTurns = 20;

export interface CoordinatorParts extends GatheringParts {
  /** Puts the run where it belongs in the index of runs, in case others have changed what that follows from. No transition: it says nothing new. */
  place(runId: string): Promise<void>;
}

/**
 * The control loop of a run. It compares what is desired (the API's word) with what is observed (state, group, reports, heartbeats) and takes
 * the one transition that is due, until none is. What it does to the world (raise a generation, offer ranks, start a gang) can be done twice
 * without harm; what it concludes is a compare-and-set on the run's epoch together with its line in the ledger. So it may die at any line,
 * and any number of coordinators may look at the same run.
 */
export class Coordinator {
  private readonly endings: Endings;
  private readonly gathering: Gathering;

  constructor(private readonly parts: CoordinatorParts) {
    this.endings = new Endings(parts.transitions);
    this.gathering = new Gathering(parts, this.endings);
  }

  /** Takes every transition of the run that is due now. */
  async reconcile(runId: string): Promise<void> {
    for (let turn = 0; turn < maxTurns; turn++) {
      const run = await this.parts.observer.observe(runId);
      if (run === null || !(await this.advance(run))) {
        break;
      }
    }
    await this.parts.place(runId);
  }

  /** Takes one transition. False: there is nothing to do until something happens. */
  private async advance(run: Observed): Promise<boolean> {
    return (await this.decide(run)) || (accountIsDue(run) && this.transitions.conclude('accounted', run));
  }

  private async decide(run: Observed): Promise<boolean> {
    const { state } = run;
    if (state === null) {
      return this.transitions.conclude('queued', run);
    }
    if (isFinished(state.status)) {
      return this.endings.retire(run, state);
    }
    if (run.desired.state === 'cancelled') {
      return this.endings.cancel(run, state);
    }
    const { minWorkers, maxWorkers } = run.desired;
    if (state.limits?.minWorkers !== minWorkers || state.limits.maxWorkers !== maxWorkers) {
      return this.transitions.conclude('scaled', run);
    }
    if (state.status === 'paused') {
      return run.desired.state === 'running' && this.transitions.conclude('continued', run);
    }
    if (state.status === 'queued') {
      // it gave its ranks back
      if (run.group?.phase === 'open') {
        const why = `the gang could not become complete: it ${state.reason}`;
        await this.transitions.act('close-generation', run, run.group.generation, why);
        return true;
      }
      return run.desired.state === 'paused'
        ? this.transitions.conclude('halted', run, null)
        : this.waitForTurn(run, state);
    }
    if (run.group === null || run.group.generation < state.generation) {
      await this.transitions.act('open-generation', run, state.reason);
      return true;
    }
    if (run.group.phase === 'open') {
      return this.gathering.gather(run, state);
    }
    if (run.group.phase === 'started' && state.workers.length === 0) {
      await this.transitions.conclude('started', run);
      await this.transitions.act('call-next-in-turn', run);
      return true;
    }
    return this.watch(run, state);
  }

  /** queued: it gathers when there are enough workers for it, besides those that others are gathering. */
  private async waitForTurn(run: Observed, state: RunState): Promise<boolean> {
    const { minWorkers } = run.desired;
    const pool = poolFor(run);
    const rivals = await this.parts.observer.rivals(run);
    const { first, free } = turnOf(run, rivals.runs, pool.free.length);
    if (first === null && state.standsBackUntil <= run.now && (await this.preempt(run, pool))) {
      return true;
    }
    if (free < minWorkers || first || state.standsBackUntil > run.now) {
      const reason = waitingReason(run, pool, first && (await this.parts.observer.nameOf(first.runId)));
      return reason !== state.reason && this.transitions.conclude('waiting', run, reason);
    }
    await this.transitions.conclude('gathering', run, pool, rivals.turn);
    // what is left may be enough for another one
    await this.transitions.act('call-next-in-turn', run);
    return true;
  }

  /** Takes workers from runs of lower priority, as far as that lets this one start. */
  private async preempt(run: Observed, pool: Pool): Promise<boolean> {
    if (pool.free.length >= run.desired.maxWorkers) {
      return false;
    }
    const by = { runId: run.runId, name: run.spec.config.name, priority: run.desired.priority };
    const demands = preemption(run, pool, await this.parts.observer.holders(run));
    for (const { holder, keeps } of demands) {
      const other = await this.parts.observer.observe(holder.runId);
      // It has changed since, or another coordinator of this run has asked it: the next look plans anew.
      if (other === null || !canGive(other, holder)) {
        continue;
      }
      const why = `run ${by.name} of priority ${by.priority} needs it`;
      await (keeps === 0
        ? this.transitions.conclude('yields', other, by)
        : this.transitions.conclude('releases', other, holder.members.slice(keeps), why));
      await this.transitions.act('call-coordinator', other);
      await this.transitions.act('call-ranks', other);
    }
    return demands.length > 0;
  }

  /** The gang trains. What ends that, or makes it whole again? */
  private async watch(run: Observed, state: RunState): Promise<boolean> {
    const last = reportOfRankZero(run);
    if (last?.outcome === 'finished') {
      return this.transitions.conclude('completed', run, last);
    }
    const fatal = fatalReport(run);
    if (fatal) {
      return this.transitions.conclude('failed', run, fatal);
    }
    const losses = lossesOf(run);
    const needy = losses.length === 0 ? withoutState(run) : [];
    if (needy.length > 0) {
      return this.transitions.conclude('puts-off', run, needy);
    }
    if (stops(run)) {
      return this.endings.halt(run, state);
    }
    if (losses.length > 0 || run.group?.phase === 'closed' || (run.group?.generation ?? 0) > state.generation) {
      return this.transitions.conclude('lost', run, losses);
    }
    const surplus = (run.group?.members ?? []).slice(run.desired.maxWorkers);
    if (surplus.length > 0) {
      const why = `the run was scaled to at most ${run.desired.maxWorkers}`;
      return this.transitions.conclude('releases', run, surplus, why);
    }
    const trains = run.group?.complete?.generation === state.generation;
    if (trains && state.trainingSince === null) {
      return this.transitions.conclude('training', run);
    }
    const slow = slowRanks(run);
    if (trains && areNews(run, slow)) {
      const dropped = toDrop(run, slow);
      return dropped
        ? this.transitions.conclude('drops', run, dropped)
        : this.transitions.conclude('straggles', run, slow);
    }
    return trains && run.reports.draining.size === 0 && this.grow(run, state);
  }

  /** The gang trains and could be larger: who is prepared is taken in; free workers are asked to prepare, unless another run waits for them. */
  private async grow(run: Observed, state: RunState): Promise<boolean> {
    const members = run.group?.members ?? [];
    const room = run.desired.maxWorkers - members.length;
    const candidates = candidatesOf(run);
    if (room <= 0) {
      return false;
    }
    if (candidates.ready.length > 0) {
      return this.transitions.conclude('grows', run, candidates.ready.slice(0, room));
    }
    if (candidates.free.length > 0 && (await this.parts.observer.rivals(run)).runs.length === 0) {
      await this.transitions.act('offer-ranks', run, state.generation, {
        count: Math.min(room, candidates.free.length),
        fingerprint: members[0].fingerprint,
        grow: true,
      });
    }
    return false;
  }

  private get transitions(): Transitions {
    return this.parts.transitions;
  }
}

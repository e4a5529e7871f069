import { type Place, shardSlices } from '@regatta/collective';
import type { RunSpec } from '@regatta/contracts';
import type { Logger } from 'pino';
import { withMicroBatch } from './micro-batch.js';
import { claimNextPlace } from './next-place.js';
import { readOrders, watchOrders } from './orders.js';
import { noRoom } from './put-off.js';
import type { RankParts } from './rank-parts.js';
import { Relay } from './relay.js';
import { type Outcome, reportDraining, reportOutcome } from './reports.js';
import { readState } from './run-state.js';
import { noFault, once, startOrEnd } from './start-or-end.js';
import { startTrainer, type TrainerProcess } from './trainer-process.js';

/** A worker's part in a run, through one generation after another: its trainer lives on, and keeps the state that it holds. */
export class HeldRank {
  private readonly log: Logger;
  readonly trainer: TrainerProcess;
  private readonly relay: Relay;
  private readonly leaving = new AbortController();
  private readonly runId: string;
  private readonly prepared: Promise<void>;
  private place: Place | null = null;
  /** Why the generation has ended, once its trainer was told. */
  private ended: string | null = null;
  /** The step whose state the trainer holds. */
  private step: number | null = null;
  /** The trainer of this generation was started, and can be told to stop. */
  private started = false;
  private stopping = false;
  /** The worker is going away: it takes part in no further generation. */
  private drained = false;
  private wake: () => void = () => undefined;
  private over: Promise<void> = Promise.resolve();

  /** `memberId` null: no place is claimed yet; the gang of `generation` trains and takes it in once it is prepared. */
  constructor(
    private readonly parts: RankParts,
    private readonly spec: RunSpec,
    private generation: number,
    private memberId: string | null,
  ) {
    this.runId = spec.runId;
    this.log = parts.log.child({ runId: this.runId });
    let seen = 0;
    let isPrepared: () => void = () => undefined;
    this.prepared = new Promise((resolve) => {
      isPrepared = resolve;
    });
    const start = typeof parts.trainer === 'string' ? startTrainer(parts.trainer) : parts.trainer;
    this.trainer = start(
      this.runId,
      {
        prepared: isPrepared,
        rank: () => this.place?.rank ?? null,
        entry: (seq, entry) => this.relay.push(seq, entry),
        progress: (step) => {
          this.log.debug({ step, generation: this.generation, rank: this.place?.rank }, 'step committed');
          this.parts.onStep(step);
          if (seen !== this.generation) {
            seen = this.generation;
            void this.parts.requestReconcile(this.runId);
          }
        },
      },
      this.log,
    );
    this.relay = new Relay(parts.redis, (seq) => this.trainer.send({ type: 'ack', seq }), this.log);
  }

  /** Resolves when the worker's part in the run is over, that is reported, and no process of it is left. */
  live(): Promise<void> {
    this.over = this.liveToTheEnd();
    return this.over;
  }

  private async liveToTheEnd(): Promise<void> {
    const { redis, requestReconcile } = this.parts;
    const { generation, memberId } = this;
    this.log.info(
      { generation, memberId, trainer: this.trainer.pid },
      memberId === null ? 'prepares to join' : 'joined',
    );
    const endWatch = watchOrders(redis, this.runId, async () => {
      this.wake();
      await this.obey();
    });
    try {
      this.trainer.send({ type: 'prepare', spec: this.spec, ...this.preparation() });
      if (memberId === null && !((await this.becomesReady()) && (await this.nextGeneration()))) {
        return;
      }
      await requestReconcile(this.runId);
      do {
        const outcome = (await this.waitForStart()) ?? (await this.train());
        await this.tell(outcome);
        if (outcome.outcome !== 'ended' || this.drained) {
          break;
        }
      } while (await this.nextGeneration());
    } finally {
      endWatch();
      this.trainer.dismiss();
      await this.trainer.exited;
      this.relay.close();
    }
  }

  /** The member's last word of its generation. */
  private async tell(outcome: Outcome): Promise<void> {
    const { redis, membership, requestReconcile } = this.parts;
    const { runId, generation, memberId } = this;
    this.log.info({ generation, rank: this.place?.rank, ...outcome }, 'rank over');
    const said = reportOutcome(redis, runId, generation, memberId as string, outcome);
    // One that has finished does not break the gang: the others may still be finishing.
    const left =
      outcome.outcome === 'finished' || membership.leave(runId, generation, memberId as string, outcome.message);
    await Promise.all([said, left]);
    await requestReconcile(runId);
  }

  /** Prepared: the gang may take this worker in. False: its trainer failed, or the worker is going away. */
  private async becomesReady(): Promise<boolean> {
    const { heartbeat, requestReconcile } = this.parts;
    const gone = this.trainer.outcome.then(() => 'gone' as const);
    const first = await Promise.race([this.prepared, gone, once(this.leaving.signal)]);
    if (this.leaving.signal.aborted) {
      return false;
    }
    if (first === 'gone') {
      this.parts.onJoinFailed(this.spec, (await this.trainer.outcome).message);
      return false;
    }
    this.parts.onJoinFailed(this.spec, null);
    await heartbeat.set({
      status: 'joining',
      runId: this.runId,
      rank: null,
      generation: this.generation,
      ready: true,
    });
    await requestReconcile(this.runId);
    return true;
  }

  /** Claims a place in the run's next generation, once that is open. False: there is none for this worker. */
  private async nextGeneration(): Promise<boolean> {
    const { heartbeat, requestReconcile } = this.parts;
    const { runId, generation, step } = this;
    this.place = null;
    this.ended = null;
    this.started = false;
    this.stopping = false;
    let gone = false;
    void this.trainer.outcome.then(() => {
      gone = true;
      this.wake();
    });
    const next = await claimNextPlace(
      { ...this.parts, log: this.log },
      { runId, generation, step },
      {
        changed: () =>
          new Promise<void>((resolve) => {
            this.wake = resolve;
          }),
        over: () => gone || this.leaving.signal.aborted,
      },
    );
    if (next === null) {
      return false;
    }
    this.generation = next.generation;
    this.memberId = next.memberId;
    await heartbeat.set({ status: 'joining', runId, rank: null, generation: next.generation });
    await requestReconcile(runId);
    return true;
  }

  /** null: the gang has started, and this is a rank of it. Else how the member ended before that. */
  private async waitForStart(): Promise<Outcome | null> {
    const { runId, generation } = this;
    const member = { runId, generation, memberId: this.memberId as string };
    const first = await startOrEnd(this.parts.membership, member, this.trainer.outcome, this.leaving.signal);
    if ('outcome' in first) {
      return first;
    }
    this.place = first;
    return null;
  }

  private async train(): Promise<Outcome> {
    const { redis, heartbeat, settings } = this.parts;
    const { rank, worldSize } = this.place as Place;
    const { generation } = this;
    const [written] = await Promise.all([
      readState(redis, this.runId),
      heartbeat.set({ status: 'training', runId: this.runId, rank, generation }),
    ]);
    // Written before the gang was started, and not changed as long as this generation lasts.
    const state = written?.state;
    const resume = state?.resume;
    const known = resume?.generation === generation ? resume : null;
    const trained = this.trainer.start({
      spec: withMicroBatch(this.spec, state),
      ...this.preparation(),
      redisUrl: settings.redisUrl,
      gradientRedisUrls: settings.gradientRedisUrls,
      generation,
      rank,
      worldSize,
      memberId: this.memberId as string,
      resumeStep: known?.step ?? null,
      held: known?.held ?? false,
    });
    this.log.info({ generation, rank, worldSize, trainer: this.trainer.pid, resume: resume?.step }, 'training');
    this.started = true;
    await this.obey();
    const outcome = await trained;
    if (!('reason' in outcome)) {
      // A trainer that was told that its generation is over and then exits in whatever way has not failed.
      return this.ended !== null && outcome.outcome === 'exited' ? noFault('ended', this.ended) : outcome;
    }
    this.step = outcome.step;
    return { ...noFault('ended', outcome.reason), ...(outcome.noRoom && { code: noRoom }) };
  }

  /** Passes on what is wanted of the rank since the last look. */
  private async obey(): Promise<void> {
    if (this.place === null || !this.started || this.ended !== null) {
      return;
    }
    const { generation } = this;
    const orders = await readOrders(this.parts.redis, this.parts.membership, this.runId, generation);
    if (this.generation !== generation || this.place === null) {
      return;
    }
    if (orders.ended !== null) {
      this.ended = orders.ended;
      this.trainer.abort(orders.ended);
    } else if (this.drained) {
      this.stop('drain');
    } else if (orders.stop && this.place.rank === 0) {
      this.stop(orders.stop);
    }
  }

  private stop(reason: 'cancel' | 'pause' | 'drain'): void {
    if (!this.stopping) {
      this.stopping = true;
      this.trainer.send({ type: 'stop', reason, checkpoint: true });
    }
  }

  /** The rank finishes the step under way, saves its state and leaves; the others go on from there. */
  async drain(patienceMs: number): Promise<void> {
    if (this.place === null) {
      this.leaving.abort(new Error('its worker is going away'));
      this.wake();
    } else {
      this.drained = true;
      await reportDraining(this.parts.redis, this.runId, this.generation, this.memberId as string);
      await this.obey();
    }
    const timer = setTimeout(() => this.trainer.kill(), patienceMs);
    await this.over;
    clearTimeout(timer);
  }

  get shardMs(): number | undefined {
    const { paceMs } = this.trainer;
    if (this.place === null || paceMs === undefined) return undefined;
    const { rank, worldSize } = this.place;
    const { count } = shardSlices(this.spec.config.distributed.logicalShards, worldSize)[rank];
    return paceMs / count;
  }

  private preparation() {
    const { artifactsUrl, engine, threads, logLevel, codeVersion } = this.parts.settings;
    return { artifactsUrl, engine, threads, logLevel, codeVersion };
  }
}

import { randomUUID } from 'node:crypto';
import { GenerationEnded, type Membership, type Place } from '@regatta/collective';
import { keys, type RankOffer, type RunSpec } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { StartMessage } from '../ipc.js';
import { type Heartbeat, idle } from './heartbeat.js';
import { readOrders, watchOrders } from './orders.js';
import { Relay } from './relay.js';
import { type Outcome, reportDraining, reportOutcome } from './reports.js';
import { readState } from './run-state.js';
import { TrainerProcess } from './trainer-process.js';

/** What a rank has to be told besides its place. */
export type TrainerSettings = Pick<
  StartMessage,
  'redisUrl' | 'gradientRedisUrls' | 'artifactsUrl' | 'engine' | 'threads' | 'logLevel' | 'codeVersion'
>;

export interface RankParts {
  redis: Redis;
  membership: Membership;
  heartbeat: Heartbeat;
  worker: { workerId: string; host: string; fingerprint: string };
  settings: TrainerSettings;
  /** Path of the trainer's program. */
  trainer: string;
  requestReconcile(runId: string): Promise<void>;
  log: Logger;
}

/** The rank that this worker holds, if any: one at a time. Claims, starts the trainer, relays what it reports, and says how it ended. */
export class RankHolder {
  private held: HeldRank | null = null;
  private draining = false;

  constructor(private readonly parts: RankParts) {}

  /** Takes an offer; resolves when the rank is over, or at once if there is no place for this worker. */
  async take(offer: RankOffer): Promise<void> {
    const { redis, membership, heartbeat, worker, log } = this.parts;
    const { runId, generation } = offer;
    if (this.draining || offer.fingerprint !== worker.fingerprint) {
      log.info({ runId, generation, wanted: offer.fingerprint, own: worker.fingerprint }, 'an offer is left to others');
      return;
    }
    const spec = await redis.get(keys.spec(runId));
    if (spec === null) {
      return;
    }
    const memberId = randomUUID();
    // Before the claim: whoever sees the member also sees that its worker is not idle any more.
    await heartbeat.set({ status: 'joining', runId, rank: null, generation });
    try {
      const claim = await membership.claim(runId, generation, { memberId, ...worker });
      if (!claim.accepted) {
        log.info({ runId, generation, reason: claim.reason, detail: claim.detail }, 'an offer came too late');
        return;
      }
      this.held = new HeldRank(this.parts, JSON.parse(spec) as RunSpec, generation, memberId);
      await this.held.live();
    } finally {
      this.held = null;
      await heartbeat.set(idle);
      await this.parts.requestReconcile(runId);
    }
  }

  /** The worker is going away: the rank stops with a checkpoint, if it can within `patienceMs`, and leaves. */
  async drain(patienceMs: number): Promise<void> {
    this.draining = true;
    await this.held?.drain(patienceMs);
  }
}

/** One rank of one generation, from its claim to its end. */
class HeldRank {
  private readonly log: Logger;
  private readonly trainer: TrainerProcess;
  private readonly relay: Relay;
  private readonly leaving = new AbortController();
  private readonly runId: string;
  private place: Place | null = null;
  private ended: string | null = null;
  private stopping = false;
  private over: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: RankParts,
    private readonly spec: RunSpec,
    private readonly generation: number,
    private readonly memberId: string,
  ) {
    this.runId = spec.runId;
    this.log = parts.log.child({ runId: this.runId, generation });
    let seen = false;
    this.trainer = new TrainerProcess(
      parts.trainer,
      this.runId,
      {
        entry: (seq, entry) => this.relay.push(seq, entry),
        progress: (step) => {
          this.log.debug({ step, rank: this.place?.rank }, 'step committed');
          if (!seen) {
            seen = true;
            void this.parts.requestReconcile(this.runId);
          }
        },
      },
      this.log,
    );
    this.relay = new Relay(parts.redis, (seq) => this.trainer.send({ type: 'ack', seq }), this.log);
  }

  /** Resolves when the rank is over, its end is reported, and no process of it is left. */
  live(): Promise<void> {
    this.over = this.liveToTheEnd();
    return this.over;
  }

  private async liveToTheEnd(): Promise<void> {
    const { redis, membership, requestReconcile } = this.parts;
    this.log.info({ memberId: this.memberId, trainer: this.trainer.pid }, 'joined');
    const endWatch = watchOrders(redis, this.runId, () => this.obey());
    try {
      this.trainer.send({ type: 'prepare', spec: this.spec, ...this.preparation() });
      await requestReconcile(this.runId);
      const outcome = (await this.waitForStart()) ?? (await this.train());
      this.log.info({ rank: this.place?.rank, ...outcome }, 'rank over');
      await reportOutcome(redis, this.runId, this.generation, this.memberId, outcome);
      // One that has finished does not break the gang: the others may still be finishing.
      if (outcome.outcome !== 'finished') {
        await membership.leave(this.runId, this.generation, this.memberId, outcome.message);
      }
      await requestReconcile(this.runId);
    } finally {
      endWatch();
      await this.trainer.exited;
      this.relay.close();
    }
  }

  /** null: the gang has started, and this is a rank of it. Else how the member ended before that. */
  private async waitForStart(): Promise<Outcome | null> {
    const { membership } = this.parts;
    const { signal } = this.leaving;
    try {
      const start = membership.waitForStart(this.runId, this.generation, this.memberId, { signal });
      const first = await Promise.race([start, this.trainer.outcome]);
      if ('outcome' in first) {
        this.leaving.abort(new Error(first.message));
        await start.catch(() => undefined);
        return first;
      }
      this.place = first;
      return null;
    } catch (error) {
      this.trainer.kill();
      if (error instanceof GenerationEnded) {
        return over('ended', error.reason);
      }
      if (signal.aborted) {
        return over('left', 'its worker is going away');
      }
      throw error;
    }
  }

  private async train(): Promise<Outcome> {
    const { redis, heartbeat, settings } = this.parts;
    const { rank, worldSize } = this.place as Place;
    await heartbeat.set({ status: 'training', runId: this.runId, rank, generation: this.generation });
    // Written before the gang was started, and not changed as long as this generation lasts.
    const resume = (await readState(redis, this.runId))?.state.resume;
    this.trainer.send({
      type: 'start',
      spec: this.spec,
      ...this.preparation(),
      redisUrl: settings.redisUrl,
      gradientRedisUrls: settings.gradientRedisUrls,
      generation: this.generation,
      rank,
      worldSize,
      memberId: this.memberId,
      resumeStep: resume?.generation === this.generation ? resume.step : null,
    });
    this.log.info({ rank, worldSize, trainer: this.trainer.pid, resume: resume?.step }, 'training');
    await this.obey();
    const outcome = await this.trainer.outcome;
    // A trainer that was told that its generation is over and then exits in whatever way has not failed.
    return this.ended !== null && outcome.outcome === 'exited' ? over('ended', this.ended) : outcome;
  }

  /** Passes on what is wanted of the rank since the last look. */
  private async obey(): Promise<void> {
    if (this.place === null || this.ended !== null) {
      return;
    }
    const orders = await readOrders(this.parts.redis, this.parts.membership, this.runId, this.generation);
    if (orders.ended !== null) {
      this.ended = orders.ended;
      this.trainer.abort(orders.ended);
    } else if (orders.stop && this.place.rank === 0) {
      this.stop(orders.stop);
    }
  }

  private stop(reason: 'cancel' | 'drain'): void {
    if (!this.stopping) {
      this.stopping = true;
      this.trainer.send({ type: 'stop', reason, checkpoint: true });
    }
  }

  /** Rank 0 saves the step under way; another rank asks that rank 0 does, and is then ended with its generation. */
  async drain(patienceMs: number): Promise<void> {
    const { redis, requestReconcile } = this.parts;
    if (this.place === null) {
      this.leaving.abort(new Error('its worker is going away'));
    } else {
      await reportDraining(redis, this.runId, this.generation, this.memberId);
      if (this.place.rank === 0) {
        this.stop('drain');
      } else {
        await requestReconcile(this.runId);
      }
    }
    const timer = setTimeout(() => this.trainer.kill(), patienceMs);
    await this.over;
    clearTimeout(timer);
  }

  private preparation() {
    const { artifactsUrl, engine, threads, logLevel, codeVersion } = this.parts.settings;
    return { artifactsUrl, engine, threads, logLevel, codeVersion };
  }
}

const over = (outcome: 'ended' | 'left', message: string): Outcome => ({
  outcome,
  step: null,
  weightsSha256: null,
  code: outcome === 'ended' ? 'generation-ended' : 'unavailable',
  message,
  retryable: true,
});

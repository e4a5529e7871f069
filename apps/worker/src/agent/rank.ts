import { randomUUID } from 'node:crypto';
import { keys, type RankOffer, type RunSpec, type WorkerBeat } from '@regatta/contracts';
import { idle } from './heartbeat.js';
import { HeldRank } from './held-rank.js';
import { withMicroBatch } from './micro-batch.js';
import { backOffMs } from './put-off.js';
import type { RankParts } from './rank-parts.js';
import { controlTime } from './reports.js';
import { readState } from './run-state.js';
import { isDropped } from './stragglers.js';
import type { TrainerProcess } from './trainer-process.js';

/** The rank that this worker holds, if any: one at a time. Claims, starts the trainer, relays what it reports, and says how it ended. */
export class RankHolder {
  private held: HeldRank | null = null;
  private draining = false;
  /** That it could not prepare to join a gang: it is left alone for a while. */
  trouble: WorkerBeat['trouble'];

  constructor(private readonly parts: Omit<RankParts, 'onJoinFailed'>) {}

  /** Takes an offer; resolves when the rank is over, or at once if there is no place for this worker. */
  async take(offer: RankOffer): Promise<void> {
    const { redis, membership, heartbeat, worker, log } = this.parts;
    const { runId, generation } = offer;
    if (this.draining || offer.fingerprint !== worker.fingerprint) {
      log.info({ runId, generation, wanted: offer.fingerprint, own: worker.fingerprint }, 'an offer is left to others');
      return;
    }
    const [spec, group, known] = await Promise.all([
      redis.get(keys.spec(runId)),
      membership.group(runId),
      readState(redis, runId),
    ]);
    // A gang that has changed since may be smaller on purpose; if it still wants to grow it says so again.
    const late = offer.grow && group?.generation !== generation;
    const now = known?.state.dropped.length || offer.grow ? await controlTime(redis) : 0;
    const dropped = known !== null && isDropped(known.state, worker.workerId, now);
    const troubled = offer.grow && this.trouble?.runId === runId && now < this.trouble.until;
    if (spec === null || late || dropped || troubled) {
      return;
    }
    // Sent before the claim: whoever sees the member also sees that its worker is not idle any more.
    const said = heartbeat.set({ status: 'joining', runId, rank: null, generation });
    try {
      const memberId = randomUUID();
      const claiming = offer.grow ? null : membership.claim(runId, generation, { memberId, ...worker });
      const [claim] = await Promise.all([claiming, said]);
      if (claim && !claim.accepted) {
        log.info({ runId, generation, reason: claim.reason, detail: claim.detail }, 'an offer came too late');
        return;
      }
      this.held = new HeldRank(
        { ...this.parts, onJoinFailed: (run, why) => this.noteTrouble(run, why, now) },
        withMicroBatch(JSON.parse(spec) as RunSpec, known?.state),
        generation,
        claim ? memberId : null,
      );
      await this.held.live();
    } finally {
      this.held = null;
      await heartbeat.set(idle);
      // it learnt only now that the run is over, and everybody else has tidied up
      if (!(await redis.exists(keys.spec(runId)))) await this.parts.dropGradients(runId);
      await Promise.all([this.parts.requestReconcile(runId), this.parts.nextTurn()]);
    }
  }

  private noteTrouble({ runId, config }: RunSpec, why: string | null, since: number): void {
    if (why === null) {
      this.trouble = undefined;
      return;
    }
    const times = (this.trouble?.runId === runId ? this.trouble.times : 0) + 1;
    const message = `It could not prepare to join run ${config.name}: ${why}`;
    this.trouble = { runId, times, until: since + backOffMs(times), message };
    this.parts.log.warn({ runId, times }, message);
  }

  /** The trainer that this worker has, if any. */
  get trainer(): TrainerProcess | null {
    return this.held?.trainer ?? null;
  }

  /** How long a logical shard usually takes the rank that this worker holds (ms). */
  get shardMs(): number | undefined {
    return this.held?.shardMs;
  }

  /** The worker is going away: the rank stops with a checkpoint, if it can within `patienceMs`, and leaves. */
  async drain(patienceMs: number): Promise<void> {
    this.draining = true;
    await this.held?.drain(patienceMs);
  }

  /** The worker stays after all: it takes the next offers. */
  undrain(): void {
    this.draining = false;
  }
}

import type { GroupState, Membership } from '@regatta/collective';
import { isFinished, keys, type RunSpec, type WorkerBeat, workerBeat } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import { controlTime, type Reports, readReports } from './reports.js';
import { decodeState, type RunState } from './run-state.js';

/** A worker is lost when it has been silent for so long. */
export const silenceMs = 3000;

export interface Desired {
  state: 'running' | 'cancelled';
  priority: number;
}

/** Everything that a decision about a run rests on, read at (nearly) one moment. */
export interface Observed {
  runId: string;
  /** Control server's clock, ms. */
  now: number;
  desired: Desired;
  spec: RunSpec;
  epoch: number;
  state: RunState | null;
  group: GroupState | null;
  reports: Reports;
  /** Workers whose heart beats. */
  alive: WorkerBeat[];
  /** Of every known worker: for how long it has been silent while someone listened (ms). */
  silence: Map<string, number>;
}

/** Another run that waits for workers, or is gathering them. */
export interface Rival {
  runId: string;
  priority: number;
  createdAt: string;
  minWorkers: number;
  status: RunState['status'];
  standsBackUntil: number;
}

/** Reads what there is. Changes nothing. */
export class Observer {
  constructor(
    private readonly redis: Redis,
    private readonly membership: Membership,
    /** Control time before which no silence counts: Redis was away until then, or nobody was there to listen. */
    private readonly listeningSince: () => number,
  ) {}

  /** null: the API has not written the run (yet), or it was deleted. */
  async observe(runId: string): Promise<Observed | null> {
    const [now, wanted, spec, hash, group, beats] = await Promise.all([
      controlTime(this.redis),
      this.redis.hgetall(keys.desired(runId)),
      this.redis.get(keys.spec(runId)),
      this.redis.hgetall(keys.state(runId)),
      this.membership.group(runId),
      this.beats(),
    ]);
    const desired = parseDesired(wanted);
    if (spec === null || desired === null) {
      return null;
    }
    const known = decodeState(hash);
    const silence = new Map(
      beats.map((beat) => [beat.id, Math.max(0, now - Math.max(beat.beat, this.listeningSince()))]),
    );
    return {
      runId,
      now,
      desired,
      spec: JSON.parse(spec) as RunSpec,
      epoch: known?.epoch ?? 0,
      state: known?.state ?? null,
      group,
      reports: await readReports(this.redis, runId, group?.generation ?? 0),
      alive: beats.filter((beat) => now - beat.beat <= silenceMs),
      silence,
    };
  }

  /** The other runs that are not finished and have no gang that trains. */
  async rivals(runId: string): Promise<Rival[]> {
    const ids = (await this.redis.zrange(keys.activeRuns, 0, -1)).filter((id) => id !== runId);
    const rivals = await Promise.all(ids.map((id) => this.rival(id)));
    return rivals.filter((rival) => rival !== null);
  }

  private async rival(runId: string): Promise<Rival | null> {
    const [wanted, json, hash, group] = await Promise.all([
      this.redis.hgetall(keys.desired(runId)),
      this.redis.get(keys.spec(runId)),
      this.redis.hgetall(keys.state(runId)),
      this.membership.group(runId),
    ]);
    const desired = parseDesired(wanted);
    if (json === null || desired === null || desired.state === 'cancelled') {
      return null;
    }
    const spec = JSON.parse(json) as RunSpec;
    const state = decodeState(hash)?.state;
    const status = state?.status ?? 'queued';
    const trains = group?.phase === 'started' && group.generation === state?.generation;
    if (isFinished(status) || status === 'running' || trains) {
      return null;
    }
    return {
      runId,
      priority: desired.priority,
      createdAt: spec.createdAt,
      minWorkers: spec.config.distributed.minWorkers,
      status,
      standsBackUntil: state?.standsBackUntil ?? 0,
    };
  }

  private async beats(): Promise<WorkerBeat[]> {
    const values = await this.redis.hvals(keys.workers);
    // A worker of another version may beat in another way: it is not counted, and no reason to stop.
    const beats = values.map((json) => workerBeat.safeParse(JSON.parse(json)));
    return beats.flatMap((beat) => (beat.success ? [beat.data] : []));
  }
}

function parseDesired({ state, priority }: Record<string, string>): Desired | null {
  return state === 'running' || state === 'cancelled' ? { state, priority: Number(priority ?? 0) } : null;
}

import { type GroupState, lookAt, type Member, type Waiting, waitingRuns } from '@regatta/collective';
import { keys, type RunSpec, type WorkerBeat, workerBeat } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import { decodeReports, type Reports } from './reports.js';
import { decodeState, type RunState } from './run-state.js';

/** A worker is lost when it has been silent for so long. */
export const silenceMs = 3000;

export interface Desired {
  state: 'running' | 'paused' | 'cancelled';
  priority: number;
  minWorkers: number;
  maxWorkers: number;
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
  /** Workers whose heart beats: all of them where the run could take one, else those of its gang (look.lua). */
  alive: WorkerBeat[];
  /** Of those workers, and the silent ones among them: each has been silent while someone listened (ms). */
  silence: Map<string, number>;
}

/** Another run, as one that it could give workers to sees it. */
export interface Holder {
  runId: string;
  priority: number;
  createdAt: string;
  minWorkers: number;
  /** Of the gang that trains; empty where none does. */
  members: Member[];
  /** It was asked already, or is stopping for another reason. */
  gives: boolean;
  /** Its workers that are about to come free. */
  coming: number;
}

/** Reads what there is. Changes nothing. */
export class Observer {
  constructor(
    private readonly redis: Redis,
    /** Control time before which no silence counts: Redis was away until then, or nobody was there to listen. */
    private readonly listeningSince: () => number,
  ) {}

  /** null: the API has not written the run (yet), or it was deleted. */
  async observe(runId: string): Promise<Observed | null> {
    const look = await lookAt(this.redis, runId);
    const { now, group } = look;
    const parsed = look.spec === null ? null : (JSON.parse(look.spec) as RunSpec);
    const desired = parsed && parseDesired(look.desired, parsed);
    if (parsed === null || desired === null) {
      return null;
    }
    const beats = parseBeats(look.beats);
    const known = decodeState(look.state);
    const silence = new Map(
      beats.map((beat) => [beat.id, Math.max(0, now - Math.max(beat.beat, this.listeningSince()))]),
    );
    return {
      runId,
      now,
      desired,
      spec: parsed,
      epoch: known?.epoch ?? 0,
      state: known?.state ?? null,
      group,
      reports: decodeReports(look.reports),
      alive: aliveAt(beats, now),
      silence,
    };
  }

  /** The other runs without a gang that trains, as far as they matter to whose turn it is. None: nobody else waits for workers. */
  rivals({ runId, now }: Observed): Promise<Waiting> {
    return waitingRuns(this.redis, now, runId);
  }

  /** A run's name, for people; its id where it is gone. */
  async nameOf(runId: string): Promise<string> {
    const json = await this.redis.get(keys.spec(runId));
    return json === null ? runId : (JSON.parse(json) as RunSpec).config.name;
  }

  /** The other runs that hold workers or are about to give some back; none if no run of lower priority could give any. */
  async holders(run: Observed): Promise<Holder[]> {
    const [, lowest] = await this.redis.zrange(keys.busyRuns, 0, 0, 'WITHSCORES');
    if (lowest === undefined || Number(lowest) >= run.desired.priority) {
      return [];
    }
    const holding = new Set(run.alive.map((beat) => beat.runId));
    const ids = [...holding].filter((id): id is string => id !== null && id !== run.runId);
    const holders = await Promise.all(ids.map((id) => this.holder(run, id)));
    return holders.filter((holder) => holder !== null);
  }

  private async holder({ alive }: Observed, runId: string): Promise<Holder | null> {
    const other = await this.observe(runId);
    if (!other?.state) {
      return null;
    }
    const { state, desired, group, spec } = other;
    const trains = state.status === 'running' && group?.phase === 'started' && group.generation === state.generation;
    const stops = state.yielding !== null || desired.state !== 'running';
    const leaves = (id: string): boolean => stops || state.status === 'queued' || state.released.workerIds.includes(id);
    return {
      runId,
      priority: desired.priority,
      createdAt: spec.createdAt,
      minWorkers: desired.minWorkers,
      members: trains ? group.members : [],
      gives: stops,
      coming: alive.filter((beat) => beat.runId === runId && beat.status !== 'draining' && leaves(beat.id)).length,
    };
  }
}

/** What the known workers said last. */
export async function readBeats(redis: Redis): Promise<WorkerBeat[]> {
  return parseBeats(await redis.hvals(keys.workers));
}

function parseBeats(values: string[]): WorkerBeat[] {
  // A worker of another version may beat in another way: it is not counted, and no reason to stop.
  const beats = values.map((json) => workerBeat.safeParse(JSON.parse(json)));
  return beats.flatMap((beat) => (beat.success ? [beat.data] : []));
}

/** Those of them whose heart beats. */
export const aliveAt = (beats: WorkerBeat[], now: number): WorkerBeat[] =>
  beats.filter(({ beat }) => now - beat <= silenceMs);

/** Limits that nobody has changed are those of the configuration. null: the API has not said yet what it wants. */
function parseDesired(wanted: Record<string, string>, spec: RunSpec): Desired | null {
  const { state, priority, minWorkers, maxWorkers } = wanted;
  if (state !== 'running' && state !== 'paused' && state !== 'cancelled') {
    return null;
  }
  const { distributed } = spec.config;
  return {
    state,
    priority: Number(priority ?? 0),
    minWorkers: Number(minWorkers ?? distributed.minWorkers),
    maxWorkers: Number(maxWorkers ?? distributed.maxWorkers),
  };
}

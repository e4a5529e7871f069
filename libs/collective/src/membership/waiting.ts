import { keys } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import { runScript } from './scripts.js';

/** A run that is wanted and has no gang that trains: it waits for its turn, gathers or recovers. */
export interface WaitingRun {
  runId: string;
  /** ms */
  createdAt: number;
  priority: number;
  /** Smallest and largest gang. */
  minWorkers: number;
  maxWorkers: number;
  status: 'queued' | 'gathering' | 'recovering';
  /** When it got that status (ms). */
  since: number;
  /** Until when it lets others go first (ms). */
  standsBackUntil: number;
}

export interface Waiting {
  /** Goes up whenever a run begins to gather. */
  turn: number;
  /** Control server's clock, ms. */
  now: number;
  runs: WaitingRun[];
}

/**
 * The runs that whoever plans must know of: all that gather or recover, and of the queued the first in turn of each size (of smallest gang),
 * with those before it that stand back, and new ones. Read at one moment; costs as many rows, however many runs there are. `now`: control server's clock, ms; null: as it is.
 */
export async function waitingRuns(redis: Redis, now: number | null, but = ''): Promise<Waiting> {
  const [[turn, time], ...rows] = (await runScript(
    redis,
    'waiting',
    [],
    [keys.index, keys.runs, but, now ?? ''],
  )) as unknown as string[][];
  const runs = rows.map(([runId, created, priority, min, status, json, back, since]) => {
    const limits = json ? (JSON.parse(json) as { minWorkers: number; maxWorkers: number } | null) : null;
    // the API's word may be newer than what the run's coordinator has seen
    const minWorkers = min ? Number(min) : (limits?.minWorkers ?? 1);
    return {
      runId,
      createdAt: Number(created),
      priority: Number(priority),
      minWorkers,
      maxWorkers: Math.max(minWorkers, limits?.maxWorkers ?? 1),
      status: status as WaitingRun['status'],
      since: Number(since),
      standsBackUntil: Number(back),
    };
  });
  return { turn: Number(turn), now: Number(time), runs };
}

/** Puts a run where it belongs in the index, whatever stood there. Transitions do so too; only what others change needs it. */
export async function placeRun(redis: Redis, runId: string): Promise<void> {
  await runScript(redis, 'place', [], [keys.index, keys.runs, runId]);
}

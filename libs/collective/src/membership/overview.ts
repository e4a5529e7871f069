import { keys } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import { runScript } from './scripts.js';

/** What stands in Redis of a run that is not finished; undefined: nobody has written it yet. */
export interface RunRow {
  runId: string;
  /** ms */
  createdAt: number;
  /** What the API wants. */
  desired: { state: string | undefined; priority: number; minWorkers: number | undefined };
  /** Fields of the observed state as they are: plain, or JSON. */
  state: { status: string; limits: string; standsBackUntil: number; since: number; generation: number } | undefined;
  group: { phase: string; generation: number } | undefined;
}

/** All runs that are not finished, oldest first, read at one moment by one script: a run costs about two microseconds of the control server. */
export async function overview(redis: Redis): Promise<RunRow[]> {
  const rows = (await runScript(redis, 'overview', [keys.activeRuns], [keys.runs])) as unknown as string[][];
  return rows.map(([runId, created, wanted, priority, min, status, limits, back, since, generation, phase, last]) => ({
    runId,
    createdAt: Number(created),
    desired: { state: wanted || undefined, priority: Number(priority), minWorkers: min ? Number(min) : undefined },
    state: status
      ? { status, limits, standsBackUntil: Number(back), since: Number(since), generation: Number(generation) }
      : undefined,
    group: phase ? { phase, generation: Number(last) } : undefined,
  }));
}

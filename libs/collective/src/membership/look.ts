import { keys } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import { groupOf } from './membership.js';
import { runScript } from './scripts.js';
import type { GroupState } from './types.js';

/** A run as it stands on the control server at one moment; hashes as they are. */
export interface Look {
  /** Control server's clock, ms. */
  now: number;
  desired: Record<string, string>;
  /** JSON RunSpec; null: there is no such run. */
  spec: string | null;
  state: Record<string, string>;
  group: GroupState | null;
  /** Of the current generation. */
  reports: Record<string, string>;
  /** JSON beats: of all workers where the run could take one, else of its members or of nobody (look.lua). */
  beats: string[];
}

/** Reads in one round trip everything that a decision about a run rests on. */
export async function lookAt(redis: Redis, runId: string): Promise<Look> {
  const [now, desired, spec, state, group, reports, beats] = (await runScript(
    redis,
    'look',
    [],
    [keys.runs, runId, keys.workers],
  )) as unknown as [string, string[], string, string[], (string | number)[], string[], string[]];
  return {
    now: Number(now),
    desired: hashOf(desired),
    spec: spec === '' ? null : spec,
    state: hashOf(state),
    group: groupOf(group),
    reports: hashOf(reports),
    beats,
  };
}

function hashOf(flat: string[]): Record<string, string> {
  const hash: Record<string, string> = {};
  for (let i = 0; i < flat.length; i += 2) {
    hash[flat[i]] = flat[i + 1];
  }
  return hash;
}

/** A worker's beat: `worker` with the control server's time, which is returned (ms), and whether a person wants the worker out of all runs. */
export async function beat(redis: Redis, worker: { id: string }): Promise<{ now: number; drained: boolean }> {
  const args = [keys.workers, keys.drained, worker.id, JSON.stringify(worker)];
  const [now, drained] = await runScript(redis, 'beat', [], args);
  return { now: Number(now), drained: drained === 1 };
}

/** How a member of a generation ended, with the control server's time as its field `at`. The first word of a member counts. */
export async function report(
  redis: Redis,
  { runId, generation, memberId }: { runId: string; generation: number; memberId: string },
  outcome: object,
  keptSeconds: number,
): Promise<void> {
  await runScript(
    redis,
    'report',
    [keys.reports(runId, generation), keys.spec(runId)],
    [memberId, JSON.stringify(outcome), keptSeconds],
  );
}

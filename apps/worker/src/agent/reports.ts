import { report } from '@regatta/collective';
import type { Redis } from 'ioredis';
import { z } from 'zod';

/** How a member of a generation ended, as its agent saw it. */
const memberReport = z.object({
  /** exited: the process ended without a word; ended: its generation did; left: its worker is going away. */
  outcome: z.enum(['finished', 'stopped', 'failed', 'ended', 'exited', 'left']),
  step: z.number().nullable(),
  weightsSha256: z.string().nullable(),
  code: z.string(),
  message: z.string(),
  retryable: z.boolean(),
  /** It had hung for so long before that was noticed. */
  silentMs: z.number().optional(),
  /** Control server's clock, ms. */
  at: z.number(),
});
export type MemberReport = z.infer<typeof memberReport>;
/** What the agent says; the time is put to it when it is written. */
export type Outcome = Omit<MemberReport, 'at'>;

export interface Reports {
  of: Map<string, MemberReport>;
  /** Members whose worker wants to leave. */
  draining: Set<string>;
}

/** Long enough for the whole cluster to be away over night, where nobody removes them. */
const keptSeconds = 86_400;
const drainField = 'drain:';

/** The control server's clock in milliseconds: the one that all times of a run are compared by. */
export async function controlTime(redis: Redis): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
}

/** Says how a member ended. The first word counts: an exit code after `finished` changes nothing. */
export async function reportOutcome(
  redis: Redis,
  runId: string,
  generation: number,
  memberId: string,
  outcome: Outcome,
): Promise<void> {
  await report(redis, { runId, generation, memberId }, outcome, keptSeconds);
}

/** Says that a member's worker wants to leave, and that it waits for the others to stop at a step. */
export async function reportDraining(redis: Redis, runId: string, generation: number, memberId: string): Promise<void> {
  await report(redis, { runId, generation, memberId: `${drainField}${memberId}` }, { leaves: true }, keptSeconds);
}

/** All reports of a generation, from the hash that holds them. */
export function decodeReports(hash: Record<string, string>): Reports {
  const reports: Reports = { of: new Map(), draining: new Set() };
  for (const [field, value] of Object.entries(hash)) {
    if (field.startsWith(drainField)) {
      reports.draining.add(field.slice(drainField.length));
    } else {
      reports.of.set(field, memberReport.parse(JSON.parse(value)));
    }
  }
  return reports;
}

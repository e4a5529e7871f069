import { keys, runStatus } from '@regatta/contracts';
import type { Redis } from 'ioredis';
import { z } from 'zod';

const slot = z.object({ rank: z.number(), workerId: z.string(), host: z.string() });

/** What was lost in the interruption that the run is recovering from. Times are milliseconds of the control server's clock. */
const interruption = z.object({
  at: z.number(),
  detectedAfterMs: z.number(),
  /** The newest complete step when it happened. */
  step: z.number(),
  workersBefore: z.number(),
  /** Workers that said that they were leaving: no failure. */
  planned: z.boolean(),
  /** For people. */
  cause: z.string().default('the gang fell apart'),
  /** For how long the interrupted generation had trained, and from which step. */
  trainedMs: z.number(),
  trainedFrom: z.number(),
});

/** The run as the coordinator has observed it. Written by transitions alone, one at a time, each raising the epoch by one. */
const runStateSchema = z.object({
  status: runStatus,
  /** The generation that trains or gathers; the group is raised to it where it is behind. 0: none yet. */
  generation: z.number(),
  reason: z.string(),
  /** When the status was entered. */
  since: z.number(),
  /** All restarts, and those in a row without a committed step between. */
  restarts: z.number(),
  failures: z.number(),
  workers: z.array(slot),
  /** The kind of worker that the gang is made of. */
  fingerprint: z.string(),
  /** How many members have claimed, and when the newest one came: nobody else for 2 s means go. */
  joined: z.object({ generation: z.number(), count: z.number(), at: z.number() }),
  /** What the generation starts from: the state that members hold, or a checkpoint; step null: the initial weights. */
  resume: z.object({ generation: z.number(), step: z.number().nullable(), held: z.boolean() }),
  interruption: interruption.nullable(),
  /** Until when the run lets others gather first. */
  standsBackUntil: z.number(),
  /** When cancelling began: the ranks get a while to stop by themselves. */
  cancellingSince: z.number().nullable(),
  startedAt: z.number().nullable(),
  /** When the generation that trains committed its first step, and the step it started from. */
  trainingSince: z.number().nullable(),
  trainingFrom: z.number(),
  /** Time spent in steps that still count, of the generations before this one. */
  productiveMs: z.number(),
  goodput: z.number().nullable(),
  /** When that was brought up to date while nothing else happened. */
  accountedAt: z.number().default(0),
  /** Smallest and largest gang that were asked for when the run was last looked at; null: before the first look. */
  limits: z.object({ minWorkers: z.number(), maxWorkers: z.number() }).nullable().default(null),
  /** Workers that may not be in that generation: the gang was made smaller. */
  released: z
    .object({ generation: z.number(), workerIds: z.array(z.string()) })
    .default({ generation: 0, workerIds: [] }),
  /** Members of that generation that were lost before its gang started, as the ledger says already. */
  missed: z
    .object({ generation: z.number(), memberIds: z.array(z.string()) })
    .default({ generation: 0, memberIds: [] }),
  /** The run of higher priority that it gives its workers to. */
  yielding: z.object({ runId: z.string() }).nullable().default(null),
  /** Workers whose ranks are much slower than their gang. */
  stragglers: z.array(z.string()).default([]),
  /** Workers that the gang went on without: too slow, or (`times`, in a row) for want of room for a checkpoint. Until then they are not taken again. */
  dropped: z.array(z.object({ workerId: z.string(), until: z.number(), times: z.number().optional() })).default([]),
  /** Sequences of a micro-batch, since a trainer ran out of memory with more; null: those of the configuration. */
  microBatchSize: z.number().nullable().default(null),
  /** Time that it was paused since it first started. */
  pausedMs: z.number().default(0),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  weightsSha256: z.string().nullable(),
});
export type RunState = z.infer<typeof runStateSchema>;
export type Interruption = z.infer<typeof interruption>;

/** Before the first transition. */
export const initialState = (now: number): RunState => ({
  status: 'queued',
  generation: 0,
  reason: 'waits for its turn',
  since: now,
  restarts: 0,
  failures: 0,
  workers: [],
  fingerprint: '',
  joined: { generation: 0, count: 0, at: now },
  resume: { generation: 0, step: null, held: false },
  interruption: null,
  standsBackUntil: 0,
  cancellingSince: null,
  startedAt: null,
  trainingSince: null,
  trainingFrom: 0,
  productiveMs: 0,
  goodput: null,
  accountedAt: 0,
  limits: null,
  released: { generation: 0, workerIds: [] },
  missed: { generation: 0, memberIds: [] },
  yielding: null,
  stragglers: [],
  dropped: [],
  microBatchSize: null,
  pausedMs: 0,
  error: null,
  weightsSha256: null,
});

/** Fields of the hash: names and statuses as they are, so that `HGETALL` can be read by people, everything else in JSON. */
const plain: ReadonlySet<string> = new Set(['status', 'reason', 'fingerprint']);

/** A patch as transition.lua takes it. */
export function encodePatch(patch: Partial<RunState>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(patch).map(([field, value]) => [field, plain.has(field) ? String(value) : JSON.stringify(value)]),
  );
}

/** The state of a hash, or null before the first transition. Throws ZodError if another version wrote it. */
export function decodeState(hash: Record<string, string>): { epoch: number; state: RunState } | null {
  if (hash.epoch === undefined) {
    return null;
  }
  const { epoch, ...fields } = hash;
  const values = Object.entries(fields).map(([field, value]) => [field, plain.has(field) ? value : JSON.parse(value)]);
  return { epoch: Number(epoch), state: runStateSchema.parse(Object.fromEntries(values)) };
}

/** Reads one run's state. */
export async function readState(redis: Redis, runId: string): Promise<{ epoch: number; state: RunState } | null> {
  return decodeState(await redis.hgetall(keys.state(runId)));
}

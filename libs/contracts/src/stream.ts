import { z } from 'zod';
import type { DatasetKind } from './datasets.js';
import { sampleKind } from './evaluation.js';
import { id, time } from './ids.js';
import { logsEntry } from './logs.js';
import type { RunConfig } from './run-config/index.js';

export const runStatuses = [
  'queued',
  'gathering',
  'running',
  'recovering',
  'paused',
  'completed',
  'failed',
  'cancelled',
] as const;
export const runStatus = z.enum(runStatuses);
export type RunStatus = z.infer<typeof runStatus>;
export const finishedStatuses: readonly RunStatus[] = ['completed', 'failed', 'cancelled'];
export const isFinished = (status: RunStatus): boolean => finishedStatuses.includes(status);

/** A model as the artifact store has it: checkpoint `step` of `owner`, which is a run or, for an imported one, the model's own id. */
export interface BaseModel {
  modelId: string;
  name: string;
  owner: string;
  step: number;
  weightsSha256: string;
}

/** What a worker must know of a run: written by the API when it is created (keys.spec), never changed. */
export interface RunSpec {
  runId: string;
  config: RunConfig;
  /** null for a task that needs none. */
  dataset: { id: string; name: string; version: number; sha256: string; kind: DatasetKind } | null;
  /** The model that fine-tuning starts from. */
  base: BaseModel | null;
  createdAt: string;
}

const step = z.number().int().min(0);
const entry = { runId: id, generation: z.number().int().min(0), time };

/** A point for each name at one step. Idempotent on (run, name, step). */
export const metricsEntry = z.strictObject({
  type: z.literal('metrics'),
  ...entry,
  step,
  epoch: z.number().min(0),
  maxSteps: step.optional(),
  values: z.record(z.string(), z.number().nullable()),
});

/** A line of the ledger. `key` makes it idempotent within its run. */
export const eventEntry = z.strictObject({
  type: z.literal('event'),
  ...entry,
  key: z.string().min(1).max(200),
  event: z.string().meta({
    description:
      'queued, gathering, started, worker-joins, worker-lost, worker-left, worker-released, recovering, reformed, resumed, scaled, paused, continued, pre-empted, checkpoint, warning, fault, straggler, numbers-changed, determinism-alarm, completed, failed, cancelled, …',
  }),
  step,
  message: z.string(),
  data: z.record(z.string(), z.unknown()).default({}),
});

/** The observed state after a transition; `epoch` only grows, an older one is ignored. */
export const stateEntry = z.strictObject({
  type: z.literal('state'),
  ...entry,
  epoch: z.number().int().min(0),
  status: runStatus,
  restarts: z.number().int().min(0),
  workers: z.array(z.strictObject({ rank: z.number().int(), workerId: z.string(), host: z.string() })),
  reason: z.string(),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable().default(null),
  weightsSha256: z.string().nullable().default(null),
  goodput: z.number().nullable().default(null),
  /** The kind of worker that the gang is made of, as it says in its beat; '' before the first gang. */
  fingerprint: z.string().default(''),
});

/** A checkpoint that stands in the artifact store, or (removed: true) was retired from it. */
export const checkpointEntry = z.strictObject({
  type: z.literal('checkpoint'),
  ...entry,
  step,
  sha256: z.string(),
  weightsSha256: z.string(),
  bytes: z.number().int(),
  metrics: z.record(z.string(), z.number().nullable()),
  removed: z.boolean().default(false),
});

/** The model that a finished run registers: its last checkpoint. `config` is Hugging Face's config.json. */
export const modelEntry = z.strictObject({
  type: z.literal('model'),
  ...entry,
  step,
  weightsSha256: z.string(),
  parameters: z.number().int(),
  config: z.record(z.string(), z.unknown()),
  metrics: z.record(z.string(), z.number().nullable()),
});

/** What an evaluation found besides numbers: example predictions and tables. Idempotent on (run, step, kind). */
export const samplesEntry = z.strictObject({
  type: z.literal('samples'),
  ...entry,
  step,
  kind: sampleKind,
  data: z.unknown().meta({ description: 'JSON; its shape is told by kind (evaluation.ts)' }),
});

/** One entry of the stream `keys.stream`, JSON in its field `data`. */
export const streamEntry = z.discriminatedUnion('type', [
  metricsEntry,
  eventEntry,
  stateEntry,
  checkpointEntry,
  modelEntry,
  samplesEntry,
  logsEntry,
]);
export type StreamEntry = z.output<typeof streamEntry>;
export type MetricsEntry = z.output<typeof metricsEntry>;
export type EventEntry = z.output<typeof eventEntry>;
export type StateEntry = z.output<typeof stateEntry>;
export type CheckpointEntry = z.output<typeof checkpointEntry>;
export type ModelEntry = z.output<typeof modelEntry>;
export type SamplesEntry = z.output<typeof samplesEntry>;

/** A GPU that a worker computes with. */
export const device = z.strictObject({ name: z.string(), memoryBytes: z.number() });
export type Device = z.output<typeof device>;

/** What a worker's agent writes every second into keys.workers. */
export const workerBeat = z.strictObject({
  id: z.string(),
  host: z.string(),
  pid: z.number().int(),
  status: z.enum(['idle', 'joining', 'training', 'draining']),
  fingerprint: z.string(),
  threads: z.number().int(),
  memoryBytes: z.number(),
  runId: z.string().nullable(),
  rank: z.number().int().nullable(),
  generation: z.number().int().nullable(),
  /** Has its data and graphs ready for the run, and waits for a place in its gang. */
  ready: z.boolean().optional(),
  /** While it trains: median time of its newest steps for one logical shard. */
  shardMs: z.number().optional(),
  /** It could not prepare to join this run so many times in a row, and why; it is not asked again before `until` (control server's clock, ms). */
  trouble: z
    .strictObject({ runId: z.string(), times: z.number().int(), until: z.number(), message: z.string() })
    .optional(),
  startedAt: time,
  /** Takes faults on purpose (CHAOS=1). */
  chaos: z.boolean().optional(),
  /** The GPU that it computes with; without one it is the processor. */
  device: device.optional(),
  /** Control server's clock, milliseconds. */
  beat: z.number(),
});
export type WorkerBeat = z.infer<typeof workerBeat>;

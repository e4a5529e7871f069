import { z } from 'zod';
import { sampleKind } from './evaluation.js';
import { id, name, time } from './ids.js';
import { modelKind } from './predict.js';
import { device, runStatus } from './stream.js';

export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })),
});
export type Problem = z.infer<typeof problem>;

export const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}
export const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(2000).optional(),
});

const workerSlot = z.object({ rank: z.number().int(), workerId: z.string(), host: z.string() });

export const run = z.object({
  id,
  name,
  project: z.string(),
  tags: z.array(z.string()),
  notes: z.string(),
  task: z.string(),
  status: runStatus,
  desired: z.enum(['running', 'paused', 'cancelled']),
  priority: z.number().int(),
  progress: z.object({
    step: z.number().int(),
    maxSteps: z.number().int().nullable(),
    epoch: z.number(),
    etaSeconds: z.number().nullable(),
  }),
  workers: z.array(workerSlot),
  generation: z.number().int(),
  restarts: z.number().int(),
  goodput: z.number().nullable(),
  metrics: z.record(z.string(), z.number().nullable()),
  config: z.record(z.string(), z.unknown()),
  dataset: z.object({ id, name: z.string(), version: z.number().int(), sha256: z.string() }).nullable(),
  base: z.object({ id, name: z.string() }).nullable().meta({ description: 'The model that it fine-tunes' }),
  forkedFrom: z
    .object({ run: id.nullable(), name: z.string(), step: z.number().int() })
    .nullable()
    .meta({ description: 'The run from whose checkpoint of that step it started (run: null where that was deleted)' }),
  model: id.nullable(),
  weightsSha256: z.string().nullable(),
  fingerprint: z.string().nullable().meta({
    description: 'On what it computes: engine, processor, threads and code version; null before its first workers',
  }),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  createdAt: time,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
});
export type Run = z.infer<typeof run>;

export const runPatch = z
  .strictObject({
    name: name.optional(),
    notes: z.string().max(10_000).optional(),
    tags: z.array(z.string().trim().min(1).max(50)).max(50).optional(),
    priority: z.number().int().min(-1000).max(1000).optional(),
  })
  .refine((patch) => Object.keys(patch).length > 0, 'give at least one of name, notes, tags, priority');

export type RunPatch = z.infer<typeof runPatch>;

const workers = z.number().int().min(1).max(64);
export const runScale = z
  .strictObject({
    minWorkers: workers.optional().meta({ description: 'Fewest workers that may train; as before if left out' }),
    maxWorkers: workers.optional().meta({
      description: 'Most workers that may train, at most logicalShards; as before if left out',
    }),
  })
  .refine((scale) => Object.keys(scale).length > 0, 'give at least one of minWorkers, maxWorkers');
export type RunScale = z.infer<typeof runScale>;

export const runFork = z.strictObject({
  checkpoint: z.number().int().min(1).max(2_147_483_647).meta({ description: 'Step of a checkpoint that the run has' }),
  changes: z.record(z.string(), z.unknown()).default({}).meta({
    description:
      'Part of a run, merged into the configuration (RFC 7396: null takes a field away). What may change: name, project, tags, priority, distributed, all of optimizer but its type, and of training how long, how often and the micro-batch',
  }),
});
export type RunFork = z.output<typeof runFork>;

/** What a list of runs is sorted by; `-` before it: descending. */
export const runSortPattern = /^-?(createdAt|name|priority|metrics\..+|config\.[\w.]+)$/;
export const runListQuery = listQuery.extend({
  status: runStatus.optional(),
  task: z.string().max(100).optional(),
  project: z.string().max(200).optional(),
  tag: z.string().max(50).optional(),
  text: z.string().max(200).optional(),
  sort: z
    .string()
    .max(200)
    .regex(runSortPattern, {
      error: 'must be createdAt, name, priority, metrics.NAME or config.PATH, with - before it for descending',
    })
    .default('-createdAt')
    .meta({
      description:
        'createdAt, name, priority, the last value of a metric (metrics.train.loss) or a field of the configuration (config.optimizer.learningRate); `-` before it: descending. Runs without such a value come last',
    }),
});

export const dryRun = z.object({
  valid: z.literal(true),
  estimates: z.object({
    parameters: z.number().int(),
    memoryBytes: z.number(),
    bytesPerStep: z.number(),
    secondsPerStep: z
      .number()
      .nullable()
      .meta({ description: 'From the measured throughput of earlier runs on these workers; null before the first' }),
    seconds: z.number().nullable(),
  }),
});

export const metricsQuery = z.strictObject({
  names: z
    .string()
    .max(2000)
    .optional()
    .meta({ description: 'Comma-separated names; `prefix.*` takes all that start so' }),
  from: z.coerce.number().int().min(0).max(2_147_483_647).optional(),
  to: z.coerce.number().int().min(0).max(2_147_483_647).optional(),
  maxPoints: z.coerce.number().int().min(1).max(100_000).default(2000),
});
export const metricPoint = z.object({ step: z.number().int(), value: z.number().nullable(), time });
export const metricSeries = z.object({ series: z.array(z.object({ name: z.string(), points: z.array(metricPoint) })) });

export const samplesQuery = listQuery.extend({
  kind: sampleKind.optional(),
  step: z.coerce.number().int().min(0).max(2_147_483_647).optional(),
});

export const runEvent = z.object({
  id: z.string(),
  type: z.string(),
  time,
  step: z.number().int(),
  generation: z.number().int(),
  message: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type RunEvent = z.infer<typeof runEvent>;

export const checkpoint = z.object({
  step: z.number().int(),
  sha256: z.string(),
  weightsSha256: z.string(),
  bytes: z.number().int(),
  metrics: z.record(z.string(), z.number().nullable()),
  time,
});

export const modelStages = ['none', 'staging', 'production', 'archived'] as const;
export const modelPatch = z
  .strictObject({
    name: name.optional(),
    description: z.string().max(10_000).optional(),
    stage: z.enum(modelStages).optional(),
  })
  .refine((patch) => Object.keys(patch).length > 0, 'give at least one of name, description, stage');
export const model = z.object({
  id,
  name: z.string(),
  description: z.string(),
  stage: z.enum(modelStages),
  task: z.string().nullable().meta({ description: 'null for an imported one' }),
  kind: modelKind.nullable().meta({
    description: 'What it can be asked; null: an imported encoder without a head, which embeds and is a base',
  }),
  runId: id.nullable(),
  dataset: z.object({ id, name: z.string(), version: z.number().int() }).nullable(),
  base: z.object({ id, name: z.string() }).nullable().meta({ description: 'The model that it was fine-tuned from' }),
  step: z.number().int(),
  weightsSha256: z.string(),
  parameters: z.number().int(),
  config: z.record(z.string(), z.unknown()),
  metrics: z.record(z.string(), z.number().nullable()),
  createdAt: time,
});

/** The parts of POST /models/import (multipart/form-data), in any order. */
export const modelImport = z.strictObject({
  name,
  file: z.string().meta({
    format: 'binary',
    description:
      'Several: config.json, model.safetensors, and vocab.txt or tokenizer.json (with tokenizer_config.json, where there is one)',
  }),
});

export const worker = z.object({
  id: z.string(),
  host: z.string(),
  status: z.enum(['idle', 'joining', 'training', 'draining', 'lost']),
  fingerprint: z.string(),
  run: id.nullable(),
  rank: z.number().int().nullable(),
  generation: z.number().int().nullable(),
  heartbeatAge: z.number().meta({ description: 'Seconds since the last heartbeat' }),
  threads: z.number().int(),
  memoryBytes: z.number(),
  device: device.nullable().meta({ description: 'The GPU that it computes with; null: the processor' }),
  warning: z
    .string()
    .nullable()
    .meta({ description: 'Why it cannot join the others, or that it is much slower than the other ranks; a sentence' }),
  chaos: z.boolean().meta({ description: 'It takes faults on purpose: API and worker were started with CHAOS=1' }),
});
export type Worker = z.infer<typeof worker>;

export const roles = ['viewer', 'member', 'admin'] as const;
export const role = z.enum(roles);
export type Role = z.infer<typeof role>;
export const me = z.object({ name: z.string(), role });

/** Server-sent events of GET /runs/:id/stream; `id:` is the database's sequence. */
export const streamMetric = z.object({ name: z.string(), step: z.number().int(), value: z.number().nullable(), time });
export type StreamMetric = z.infer<typeof streamMetric>;

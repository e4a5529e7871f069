import { type FaultKind, inferenceJob, type RunSpec, streamEntry } from '@regatta/contracts';
import { z } from 'zod';

/**
 * Messages between an agent and its two children, over Node's IPC channel. Trainer: `prepare` (data and graph, while the gang gathers),
 * `start` (be this rank of this generation), then entries in order until one of finished, stopped, failed and generation-ended; after the
 * last of these another `start` may follow.
 */
const step = z.number().int().min(0);
const spec = z.custom<RunSpec>((value) => typeof value === 'object' && value !== null && 'runId' in value);

const environment = {
  spec,
  artifactsUrl: z.string(),
  engine: z.string(),
  threads: z.number().int().min(1),
  logLevel: z.string(),
  codeVersion: z.string(),
};

/** Optional: lets the trainer read its data and build its graph before its rank is known. */
const prepare = z.strictObject({ type: z.literal('prepare'), ...environment });

const start = z.strictObject({
  type: z.literal('start'),
  ...environment,
  generation: z.number().int().min(1),
  rank: z.number().int().min(0),
  worldSize: z.number().int().min(1),
  memberId: z.string(),
  /** Where no rank holds the run's state: step of the checkpoint to go on from; null: from the beginning. */
  resumeStep: step.nullable(),
  /** Members said that they hold the state: without it there is nothing to go on from. */
  held: z.boolean(),
  redisUrl: z.string(),
  gradientRedisUrls: z.array(z.string()).min(1),
});

/** Ends within one step; with `checkpoint`, what is trained by then is saved first. */
const stop = z.strictObject({
  type: z.literal('stop'),
  reason: z.enum(['cancel', 'pause', 'drain']),
  checkpoint: z.boolean(),
});
/** The generation is over: whatever is waited for will not come. */
const abort = z.strictObject({ type: z.literal('abort'), reason: z.string() });
/** Entry `seq`, and all before it, stand in the stream. */
const ack = z.strictObject({ type: z.literal('ack'), seq: z.number().int().min(1) });

/** The faults on purpose that happen inside the trainer. */
const trainerFaults = ['corrupt', 'slow', 'full-disk', 'out-of-memory', 'drop-redis'] as const satisfies FaultKind[];
export type TrainerFault = (typeof trainerFaults)[number];
const fault = z.strictObject({ type: z.literal('fault'), fault: z.enum(trainerFaults), seconds: z.number() });

export const toTrainer = z.discriminatedUnion('type', [prepare, start, stop, abort, ack, fault]);
export type ToTrainer = z.output<typeof toTrainer>;
export type PrepareMessage = z.output<typeof prepare>;
export type StartMessage = z.output<typeof start>;

/** What a trainer is doing; waiting: for its start, or its next one. */
const activity = z.enum([
  'preparing',
  'waiting',
  'joining',
  'computing',
  'exchanging',
  'evaluating',
  'saving',
  'compiling',
]);
export type Activity = z.output<typeof activity>;
/** How often it says so besides. */
export const pulseMs = 500;

export const fromTrainer = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('prepared'), ms: z.number() }),
  /** What it does, at every change and every `pulseMs`: a trainer that hangs is found by the absence of these. */
  z.strictObject({ type: z.literal('pulse'), activity }),
  /** For the stream, strictly in order of `seq` (1, 2, 3, …). */
  z.strictObject({ type: z.literal('entry'), seq: z.number().int().min(1), entry: streamEntry }),
  z.strictObject({ type: z.literal('progress'), step, committed: z.literal(true) }),
  /** The run has reached its end; everything it reported is acknowledged. */
  z.strictObject({ type: z.literal('finished'), step, weightsSha256: z.string() }),
  /** Stopped as asked; `weightsSha256` is that of the checkpoint, null where none was asked for or none could be written. */
  z.strictObject({ type: z.literal('stopped'), step, weightsSha256: z.string().nullable() }),
  z.strictObject({ type: z.literal('failed'), code: z.string(), message: z.string(), retryable: z.boolean() }),
  /**
   * The generation is over; the trainer holds the state of `step` (null: none) and can be started in the next one. `noRoom`: it ended the
   * generation itself, since the disk is too full to hand its state to ranks that need it.
   */
  z.strictObject({
    type: z.literal('generation-ended'),
    reason: z.string(),
    step: step.nullable(),
    noRoom: z.boolean().optional(),
  }),
]);
export type FromTrainer = z.output<typeof fromTrainer>;

/** How many entries a trainer may have sent without an acknowledgement before it waits: bounds memory while Redis is away. */
export const maxUnacknowledged = 1000;

/** The predictor gets everything it may need with its first message; later ones only name the job. */
export const toPredictor = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('configure'),
    artifactsUrl: z.string(),
    engine: z.string(),
    threads: z.number().int().min(1),
    logLevel: z.string(),
  }),
  z.strictObject({ type: z.literal('infer'), id: z.string(), job: inferenceJob }),
]);
export type ToPredictor = z.output<typeof toPredictor>;

export const fromPredictor = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('result'), id: z.string(), result: z.unknown() }),
  z.strictObject({
    type: z.literal('error'),
    id: z.string(),
    code: z.string(),
    message: z.string(),
    retryable: z.boolean(),
    /** Which fields of the request were wrong, and how. */
    errors: z.array(z.strictObject({ path: z.string(), message: z.string() })),
  }),
]);
export type FromPredictor = z.output<typeof fromPredictor>;

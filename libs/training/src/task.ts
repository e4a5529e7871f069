import { AppError, type ConfigOf, type RunSpec, type SampleKind, type TaskName, taskNames } from '@regatta/contracts';
import type { Engine, ParameterSpace } from '@regatta/engine';
import type { ArtifactStore } from '@regatta/storage';

/** Sums over a batch by name (losses, right answers), and what each is divided by. */
export type Sums = Record<string, number>;

/** A step's global batch: S logical shards of equally many micro-batches. */
export interface StepWork {
  /** Tokens of the global batch, padding not counted. */
  tokens: number;
  /** Forward and backward of one micro-batch: the gradient of the loss, scaled by the global counts, lies in space.g afterwards. */
  run(shard: number, micro: number): Promise<Sums>;
  /** Metrics of the global batch from its sums: losses in nats, accuracies in [0, 1]. Names start behind `train.`. */
  metrics(sums: Sums): Record<string, number>;
}

/** What an epoch does; a function of run and epoch alone, alike on every rank. */
export interface EpochWork {
  steps: number;
  /** Of everything in the plan, and of what it was made from. */
  hash: string;
  /** `index` counts within the epoch from 0; `step` within the run from 1 and keys the random numbers. */
  step(index: number, step: number): StepWork;
}

/** What one shard of the held-out part gave. */
export interface ShardEvaluation {
  sums: Sums;
  /** What the metrics need beside sums (predictions, for example): JSON. Every rank gets all shards'. */
  outputs?: unknown;
}

/** What an evaluation found. Alike on every rank. */
export interface EvaluationReport {
  /** Names start behind `validation.`. */
  metrics: Record<string, number>;
  /** Example predictions and tables by kind, as contracts/evaluation.ts has them. */
  samples?: Partial<Record<SampleKind, unknown>>;
}

/** The held-out part: fixed examples with fixed masks, no dropout. */
export interface EvaluationWork {
  /** This shard of all held-out examples, in order. */
  run(shard: number): Promise<ShardEvaluation>;
  /** `outputs`: of all shards, in order. */
  report(sums: Sums, outputs: unknown[]): EvaluationReport;
  /** What the best guess without a model scores, by the same names; they start behind `validation.baseline.`. */
  baselines: Record<string, number>;
}

/** A task made ready for one run on this machine: data read, graphs compiled. */
export interface PreparedTask {
  space: ParameterSpace;
  /** Names of the sums, in the order in which they follow the gradient in the reduced vector. */
  sums: readonly string[];
  /** Micro-batches a shard. */
  microBatches: number;
  initialize(): void;
  epoch(epoch: number): EpochWork;
  /** null where nothing could be held out. */
  evaluation: EvaluationWork | null;
  /** What the person should know of the data as it was read; sentences. Alike on every rank. */
  warnings?: readonly string[];
  /** Trainable numbers of the model. */
  parameters: number;
  /** The model's config.json (Hugging Face's where there is one); null where there is no model to register. */
  modelConfig: Record<string, unknown> | null;
  /** What stands beside the weights in a checkpoint, so that it is an exported model too. */
  files(): Record<string, Uint8Array>;
  dispose(): Promise<void>;
}

export interface PrepareOptions {
  spec: RunSpec;
  store: ArtifactStore;
  engine: Engine;
}

/** One folder-worth of knowledge about a task: how its data becomes batches and its model a graph. */
export interface TaskHandler {
  name: TaskName;
  prepare(options: PrepareOptions): Promise<PreparedTask>;
}

/**
 * Task names to their handlers.
 * @throws AppError `internal` unless every name of the contracts has exactly one
 */
export function taskRegistry(handlers: readonly TaskHandler[]): ReadonlyMap<TaskName, TaskHandler> {
  for (const name of taskNames) {
    const count = handlers.filter((handler) => handler.name === name).length;
    if (count !== 1)
      throw new AppError('internal', `The task ${name} has ${count} handlers; it must have exactly one.`);
  }
  return new Map(handlers.map((handler) => [handler.name, handler]));
}

/** The configuration of a run of this task. @throws AppError `internal` for one of another task */
export function configOf<T extends TaskName>({ config }: RunSpec, task: T): ConfigOf<T> {
  if (config.task !== task) throw new AppError('internal', `A run of ${config.task} was given to ${task}.`);
  return config as ConfigOf<T>;
}

/** The data set of a run whose task needs one. @throws AppError `internal` where there is none */
export function datasetOf({ dataset, config }: RunSpec): NonNullable<RunSpec['dataset']> {
  if (!dataset) throw new AppError('internal', `A run of ${config.task} came without a data set.`);
  return dataset;
}

import { AppError, type RunSpec, runBody } from '@regatta/contracts';
import type { Engine, ParameterSpace } from '@regatta/engine';
import type { ArtifactStore } from '@regatta/storage';

export type TaskName = RunSpec['config']['task'];

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

/** The held-out part: fixed examples with fixed masks, no dropout. */
export interface EvaluationWork {
  /** Sums over this shard of all held-out batches, in order. */
  run(shard: number): Promise<Sums>;
  /** Names start behind `validation.`. */
  metrics(sums: Sums): Record<string, number>;
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
  /** Trainable numbers of the model. */
  parameters: number;
  /** Hugging Face's config.json. */
  modelConfig: Record<string, unknown>;
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
  const names = runBody.shape.task.options;
  for (const name of names) {
    const count = handlers.filter((handler) => handler.name === name).length;
    if (count !== 1)
      throw new AppError('internal', `The task ${name} has ${count} handlers; it must have exactly one.`);
  }
  return new Map(handlers.map((handler) => [handler.name, handler]));
}

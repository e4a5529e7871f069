import type { Part, Subtree, VectorFormat } from '@regatta/collective';
import { metric } from '@regatta/contracts';
import { prefixed } from './report.js';
import { readSums, sumShards } from './shard-sums.js';
import type { StepUnderWay } from './step-under-way.js';
import type { PreparedTask } from './task.js';
import type { TrainOptions } from './train.js';

/** What is computed before an exchange, and what is made of what it gives: the reduced vector, in `space.reduced`. */
export interface Stepping {
  /** This rank's part: one partial sum a subtree. Weights and moments are as before when it is done. */
  compute(under: StepUnderWay, blocks: readonly Subtree[], onMicroBatch?: () => void): Promise<Part[]>;
  /**
   * Applies the reduced vector. What is not finite changes nothing, neither weights nor moments: every rank reads it from the same vector.
   * `metrics`: those of each step.
   */
  apply(under: StepUnderWay): { applied: boolean; metrics: Record<string, number>[] };
}

/** The learning rate of a step of this run. */
export type RateOf = (step: number) => number;

export const finite = (sums: Record<string, number>): boolean => Object.values(sums).every(Number.isFinite);

/** Gradients are exchanged at every step. */
export class EveryStep implements Stepping {
  private readonly task: PreparedTask;

  constructor(
    private readonly options: Pick<TrainOptions, 'spec' | 'task'>,
    private readonly rate: RateOf,
    private readonly format: VectorFormat,
  ) {
    this.task = options.task;
  }

  compute(under: StepUnderWay, blocks: readonly Subtree[], onMicroBatch?: () => void): Promise<Part[]> {
    const { space, sums, microBatches } = this.task;
    return sumShards(under.last, blocks, space, sums, microBatches, this.format, onMicroBatch);
  }

  apply({ last, updates }: StepUnderWay): ReturnType<Stepping['apply']> {
    const { optimizer } = this.options.spec.config;
    const { space, sums: names } = this.task;
    const sums = readSums(space, space.g, names);
    const learningRate = this.rate(last.number);
    const { gradNorm, applied } = finite(sums)
      ? space[optimizer.type](space.g, { ...optimizer, step: updates + 1, learningRate })
      : { gradNorm: Number.NaN, applied: false };
    const metrics = {
      ...prefixed('train', last.work.metrics(sums)),
      [metric.gradNorm]: gradNorm,
      [metric.learningRate]: learningRate,
    };
    return { applied, metrics: [metrics] };
  }
}

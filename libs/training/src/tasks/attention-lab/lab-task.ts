import { createHash } from 'node:crypto';
import type { ConfigOf, LabResult } from '@regatta/contracts';
import type { Engine, ParameterSpace } from '@regatta/engine';
import type { PreparedTask, StepWork, Sums } from '../../task.js';

export type LabConfig = ConfigOf<'attention-lab'>;
export type LabOf<E extends LabConfig['lab']['experiment']> = Extract<LabConfig['lab'], { experiment: E }>;
export type ResultOf<E extends LabResult['experiment']> = Extract<LabResult, { experiment: E }>;

export interface LabOptions {
  config: LabConfig;
  engine: Engine;
}

/** What an experiment is; the rest of a run is the same for all of them. */
export interface Experiment {
  space: ParameterSpace;
  sums: readonly string[];
  initialize?(): void;
  /** One step: for most experiments nothing is learned, and nothing happens. */
  step?(step: number): Promise<Sums>;
  /** Metrics of a step's sums, and of the weights that it leads to. */
  trained?(sums: Sums): Record<string, number>;
  /** Metrics of what has been learned; nothing that depends on the machine's speed. */
  metrics?(): Promise<Record<string, number>>;
  baselines?: Record<string, number>;
  /** The picture; asked for after the last step. */
  result(): Promise<LabResult>;
  dispose?(): Promise<void>;
}

/** An experiment as a task of one shard: its steps, then its result as a sample of kind `lab`. There is no model to register. */
export function labTask({ lab, seed, training }: LabConfig, experiment: Experiment): PreparedTask {
  const { space, sums, trained, metrics } = experiment;
  let done = 0;
  const stepWork = (step: number): StepWork => ({
    tokens: 0,
    async run() {
      space.g.fill(0);
      const values = (await experiment.step?.(step)) ?? {};
      done = step;
      return values;
    },
    metrics: (values) => trained?.(values) ?? {},
  });
  const hash = createHash('sha256').update(JSON.stringify({ lab, seed })).digest('hex');
  return {
    space,
    sums,
    microBatches: 1,
    initialize: () => experiment.initialize?.(),
    epoch: () => ({ steps: 1, hash, step: (_, step) => stepWork(step) }),
    evaluation: {
      async run() {
        const values = (await metrics?.()) ?? {};
        const result = done === training.maxSteps ? await experiment.result() : null;
        return { sums: {}, outputs: { values, result } };
      },
      report(_, [output]) {
        const { values, result } = output as { values: Record<string, number>; result: LabResult | null };
        return { metrics: values, ...(result && { samples: { lab: result } }) };
      },
      baselines: experiment.baselines ?? {},
    },
    parameters: space.parameters.reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0),
    modelConfig: null,
    files: () => ({}),
    dispose: async () => experiment.dispose?.(),
  };
}

/** Six significant digits: what a picture needs, in a third of the bytes. */
export const rounded = (values: Iterable<number>): number[] =>
  Array.from(values, (value) => Number(value.toPrecision(6)));

/** A flat array as rows of this width, rounded. */
export const rowsOf = (values: Float32Array, width: number): number[][] =>
  Array.from({ length: values.length / width }, (_, i) => rounded(values.subarray(i * width, (i + 1) * width)));

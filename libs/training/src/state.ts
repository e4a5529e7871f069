import type { RunConfig } from '@regatta/contracts';
import { z } from 'zod';

/** Where a run stands after a step: with the weights and moments, all that going on needs. Alike on every rank. */
export const trainingState = z.strictObject({
  /** Complete steps, those that changed nothing included. */
  step: z.number().int().min(0),
  /** The next step's place in the data. */
  epoch: z.number().int().min(0),
  index: z.number().int().min(0),
  /** Adam's count: steps that changed the weights. */
  updates: z.number().int().min(0),
  /** Steps whose gradient was not finite, in all and at the end in a row. */
  skipped: z.number().int().min(0),
  skippedInARow: z.number().int().min(0),
  /** Metrics of the last step, for a generation that reports it again. */
  lastMetrics: z.record(z.string(), z.number().nullable()),
  lastEvaluation: z.strictObject({ step: z.number().int(), metrics: z.record(z.string(), z.number()) }).nullable(),
  /** Early stopping: the best value so far and the evaluations since. */
  best: z.strictObject({ value: z.number(), step: z.number().int() }).nullable(),
  withoutProgress: z.number().int().min(0),
});
export type TrainingState = z.output<typeof trainingState>;

export const initialState = (): TrainingState => ({
  step: 0,
  epoch: 0,
  index: 0,
  updates: 0,
  skipped: 0,
  skippedInARow: 0,
  lastMetrics: {},
  lastEvaluation: null,
  best: null,
  withoutProgress: 0,
});

/** Writes an evaluation into the state. Metrics are named without their `validation.`. */
export function noteEvaluation(state: TrainingState, config: RunConfig, metrics: Record<string, number>): void {
  // found again by a generation that started in between: nothing new
  if (state.lastEvaluation?.step === state.step) return;
  state.lastEvaluation = { step: state.step, metrics };
  const metric = config.training.earlyStopping?.metric ?? 'validation.loss';
  const value: number | undefined = metrics[metric.slice('validation.'.length)];
  if (value === undefined) return;
  const better = (a: number, b: number) => (lowerIsBetter(metric) ? a < b : a > b);
  if (state.best === null || better(value, state.best.value)) {
    state.best = { value, step: state.step };
    state.withoutProgress = 0;
  } else {
    state.withoutProgress += 1;
  }
}

const lowerIsBetter = (metric: string): boolean => /(loss|perplexity)$/.test(metric);

/** Whether early stopping ends the run here. */
export function stopsEarly(state: TrainingState, config: RunConfig): boolean {
  const patience = config.training.earlyStopping?.patience;
  return patience !== undefined && state.withoutProgress >= patience;
}

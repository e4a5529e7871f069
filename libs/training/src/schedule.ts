import type { RunConfig } from '@regatta/contracts';

export type ScheduleOptions = Pick<RunConfig['optimizer'], 'learningRate' | 'schedule' | 'warmupSteps'>;

/**
 * The learning rate of a step, counted from 1. `warmup-linear` (as BERT): linear to the peak, which step `warmupSteps` has, then linear
 * to 0, which would be reached one step after the last: no step is spent at a rate of 0. `constant`: the peak after the same warm-up.
 * A run that is shorter than its warm-up stays below the peak.
 */
export function learningRate(step: number, totalSteps: number, options: ScheduleOptions): number {
  const { learningRate: peak, schedule, warmupSteps } = options;
  if (step <= warmupSteps) return (peak * step) / warmupSteps;
  if (schedule === 'constant') return peak;
  return (peak * (totalSteps + 1 - step)) / (totalSteps + 1 - Math.max(1, warmupSteps));
}

import type { restoreCheckpoint } from './checkpoint.js';
import { type Reporter, validationMetrics } from './report.js';
import type { TrainOptions } from './train.js';

/**
 * Tells of a run that goes on from a checkpoint: once more what was told of its step, so that a reporter's death leaves no gap, and whether it
 * was made by another engine, machine or version. `epochs`: passes over the data by then.
 */
export async function tellResumed(
  reporter: Reporter,
  { task, fingerprint, codeVersion, group }: TrainOptions,
  { state, saved, ...madeBy }: Awaited<ReturnType<typeof restoreCheckpoint>>,
  epochs: number,
): Promise<void> {
  await reporter.metrics(state.step, epochs, state.lastMetrics);
  if (state.lastEvaluation?.step === state.step) {
    const values = validationMetrics(state.lastEvaluation.metrics, task.evaluation?.baselines ?? {});
    await reporter.metrics(state.step, epochs, values);
  }
  await reporter.checkpoint(saved);
  if (madeBy.fingerprint === fingerprint && madeBy.codeVersion === codeVersion) return;
  await reporter.event(
    `fingerprint:${group.generation}`,
    'fingerprint-changed',
    state.step,
    'The checkpoint was made by another engine, machine or version: from here on the numbers may differ in their last bits.',
    { before: [madeBy.fingerprint, madeBy.codeVersion], now: [fingerprint, codeVersion] },
  );
}

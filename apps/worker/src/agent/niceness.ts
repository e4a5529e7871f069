import type { ChildProcess } from 'node:child_process';
import os from 'node:os';

/**
 * What a worker's children add to its own nice value: a prediction waits for less than one step of training, and nobody waits for an
 * evaluation. Measured with bert-mini on two cores that train: a prediction takes 7 ms so, 10 ms at the trainers' own value, and 74 ms ten
 * above it.
 */
export const niceness = { predictor: 0, trainer: 5, evaluator: 10 };

/** Lets a child give way to others by so much. Its threads take over what its main thread has when they start. */
export function giveWay({ pid }: ChildProcess, by: number): void {
  // one that could not be started has no pid
  if (pid !== undefined && by > 0) os.setPriority(pid, Math.min(19, os.getPriority() + by));
}

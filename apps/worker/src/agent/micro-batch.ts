import type { RunSpec } from '@regatta/contracts';
import type { RunState } from './run-state.js';

/** A trainer ran out of memory. The code travels in its report. */
export const outOfMemory = 'out-of-memory';

/** Sequences of a micro-batch: those of the configuration, or fewer since a trainer ran out of memory. */
export const microBatchOf = ({ config }: RunSpec, state: Pick<RunState, 'microBatchSize'> | undefined): number =>
  state?.microBatchSize ?? config.training.microBatchSize;

/** The largest smaller size that divides the present one, and so a shard. null: there is none. */
export function smallerMicroBatch(size: number): number | null {
  for (let smaller = Math.floor(size / 2); smaller >= 1; smaller--) if (size % smaller === 0) return smaller;
  return null;
}

/** What the trainers are told: the run as it was asked for, with the micro-batch that fits into their memory. */
export function withMicroBatch(spec: RunSpec, state: Pick<RunState, 'microBatchSize'> | undefined): RunSpec {
  const microBatchSize = microBatchOf(spec, state);
  if (microBatchSize === spec.config.training.microBatchSize) return spec;
  const training = { ...spec.config.training, microBatchSize };
  return { ...spec, config: { ...spec.config, training } as RunSpec['config'] };
}

/** Metric names (api.md). A point is (run, name, step) → value; null where the number is not finite. */
export const metric = {
  trainLoss: 'train.loss',
  trainMlmLoss: 'train.mlm.loss',
  trainMlmAccuracy: 'train.mlm.accuracy',
  trainNspLoss: 'train.nsp.loss',
  trainNspAccuracy: 'train.nsp.accuracy',
  tokensPerSecond: 'train.tokensPerSecond',
  gradNorm: 'train.gradNorm',
  learningRate: 'train.learningRate',
  validationLoss: 'validation.loss',
  validationMlmLoss: 'validation.mlm.loss',
  validationMlmAccuracy: 'validation.mlm.accuracy',
  validationNspLoss: 'validation.nsp.loss',
  validationNspAccuracy: 'validation.nsp.accuracy',
  goodput: 'goodput',
} as const;

/** The trivial baseline of a validation metric, in the same unit. */
export const baselineOf = (name: string): string => name.replace(/^validation\./, 'validation.baseline.');
/**
 * Of one rank: times of a step, and the bytes that it sent and received in one, told when they change. Every tenth step also how much of them
 * went into dropout masks and the sum of shards (of computing), into waiting for the slowest rank (of the exchange), and into the update.
 */
export const rankMetric = (
  rank: number,
  what: 'computeMs' | 'allReduceMs' | 'exchangedBytes' | 'masksMs' | 'sumMs' | 'updateMs' | 'waitMs',
): string => `rank.${rank}.${what}`;

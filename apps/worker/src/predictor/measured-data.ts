import type { DatasetKind, InferenceJob, SplitName } from '@regatta/contracts';
import { invalid } from './errors.js';

/** A data set to measure a model on, as it is stored. */
export interface MeasuredData {
  kind: DatasetKind;
  bytes: Buffer;
  /** Which of the examples, where the data brings its own split. */
  split: Extract<InferenceJob, { action: 'evaluate' }>['split'];
}

/** @throws AppError `invalid` where no example is left */
export function inSplit<E extends { split: SplitName | null }>(
  examples: readonly E[],
  split: MeasuredData['split'],
): E[] {
  const chosen = split === 'all' ? [...examples] : examples.filter((example) => example.split === split);
  if (chosen.length === 0) {
    throw invalid('split', `The data set has no example of the split ${split}.`, 'Leave split out to take all.');
  }
  return chosen;
}

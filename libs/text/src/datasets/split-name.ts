import type { SplitName } from '@regatta/contracts';

const splits = new Map<string, SplitName>(
  Object.entries({
    train: 'train',
    training: 'train',
    dev: 'validation',
    development: 'validation',
    val: 'validation',
    valid: 'validation',
    validation: 'validation',
    eval: 'validation',
    test: 'test',
    testing: 'test',
  } as const),
);

/** The split that a cell names, in any of the usual spellings. */
export const knownSplit = (cell: unknown): SplitName | undefined =>
  splits.get(
    String(cell ?? '')
      .trim()
      .toLowerCase(),
  );

import { fewestCompared, mostCompared } from '@regatta/contracts';

/** The address of a comparison of these runs; null where they are too few or too many. */
export const compareSearch = (ids: readonly string[]): { runs: string } | null =>
  ids.length >= fewestCompared && ids.length <= mostCompared ? { runs: ids.join(',') } : null;

import type { Comparison } from '@regatta/contracts';
import { runColor } from '../../lib/palette.js';

export type ComparedRun = Comparison['runs'][number];

export interface Look {
  color: string;
  dash?: readonly number[];
}

const dashes: readonly (readonly number[] | undefined)[] = [undefined, [7, 4], [2, 3], [10, 3, 2, 3]];

/** A run has its colour on every page; of those that share one here, all but the first are dashed, each in its own way. */
export function looksOf(runs: readonly ComparedRun[]): Map<string, Look> {
  const taken = new Map<string, number>();
  return new Map(
    runs.map(({ id }) => {
      const color = runColor(id);
      const nth = taken.get(color) ?? 0;
      taken.set(color, nth + 1);
      return [id, { color, dash: dashes[nth % dashes.length] }];
    }),
  );
}

import type { Run } from '@regatta/contracts';
import type { VirtualItem } from '@tanstack/react-virtual';
import { useEffect } from 'react';
import { fetchAhead } from './run-pages.js';
import type { ListProps } from './runs-page.js';

/** Tells the list which of its runs are in sight, and asks for more before its end comes into sight. */
export function useRowsInSight(
  items: readonly VirtualItem[],
  runs: readonly Run[] | undefined,
  { seen, onEnd }: Pick<ListProps, 'seen' | 'onEnd'>,
): void {
  const last = items.at(-1)?.index ?? 0;
  seen.current = [items[0]?.index ?? 0, last];
  useEffect(() => {
    if (runs && last >= runs.length - fetchAhead) onEnd();
  }, [runs, last, onEnd]);
}

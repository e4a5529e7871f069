import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { isTyping } from '../../lib/typing.js';
import { compareSearch } from './compare-search.js';
import type { ListProps } from './runs-page.js';

/** `j` and `k` go through the list, `x` picks a run, `c` compares what is picked. Enter on a row is its link's own. */
export function useListKeys({
  runs,
  selected,
  onSelect,
  focusAt,
}: Pick<ListProps, 'runs' | 'selected' | 'onSelect' | 'focusAt'>): void {
  const navigate = useNavigate();
  const latest = useRef({ runs, selected });
  latest.current = { runs, selected };
  useEffect(() => {
    let at = -1;
    function onKey(event: KeyboardEvent) {
      const { runs = [], selected } = latest.current;
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || runs.length === 0) return;
      if (document.querySelector('[role="dialog"]')) return;
      const row = document.activeElement?.closest<HTMLElement>('[data-row], [data-index]');
      at = row ? Number(row.dataset.row ?? row.dataset.index) : at;
      const search = compareSearch([...selected.keys()]);
      if (event.key === 'j' || event.key === 'k') {
        at = Math.max(0, Math.min(runs.length - 1, at + (event.key === 'j' ? 1 : -1)));
        focusAt.current(at);
      } else if (event.key === 'x' && row && runs[at]) onSelect(runs[at], !selected.has(runs[at].id));
      else if (event.key === 'c' && search) void navigate({ to: '/compare', search });
      else return;
      event.preventDefault();
    }
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [navigate, onSelect, focusAt]);
}

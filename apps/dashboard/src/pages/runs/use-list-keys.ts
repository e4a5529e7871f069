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
    // Told by the focus rather than asked at each key: a row that `j` leads to has it only once it is drawn.
    function onFocus({ target }: FocusEvent) {
      const row = (target as HTMLElement).closest<HTMLElement>('[data-row], [data-index]');
      if (row) at = Number(row.dataset.row ?? row.dataset.index);
    }
    function onKey(event: KeyboardEvent) {
      const { runs = [], selected } = latest.current;
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || runs.length === 0) return;
      if (document.querySelector('[role="dialog"]')) return;
      const search = compareSearch([...selected.keys()]);
      if (event.key === 'j' || event.key === 'k') {
        at = Math.max(0, Math.min(runs.length - 1, at + (event.key === 'j' ? 1 : -1)));
        focusAt.current(at);
      } else if (event.key === 'x' && runs[at]) onSelect(runs[at], !selected.has(runs[at].id));
      else if (event.key === 'c' && search) void navigate({ to: '/compare', search });
      else return;
      event.preventDefault();
    }
    window.addEventListener('keydown', onKey);
    window.addEventListener('focusin', onFocus);
    return () => {
      window.removeEventListener('keydown', onKey);
      window.removeEventListener('focusin', onFocus);
    };
  }, [navigate, onSelect, focusAt]);
}

import { Checkbox, Group, Paper, Skeleton, Stack, Text } from '@mantine/core';
import type { Run } from '@regatta/contracts';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { Moment } from '../../components/moment.js';
import { RunLink } from '../../components/run-link';
import { Status } from '../../components/status.js';
import { WorkerSquares } from '../../components/worker-squares.js';
import { type Column, usualColumns } from './columns.js';
import { LossCell } from './loss-cell.js';
import { RunProgress } from './run-progress.js';
import type { ListProps } from './runs-page.js';
import { useRowsInSight } from './use-rows-in-sight.js';

/** The narrow form of the list: the same fields, a card each; chosen columns stand below them. */
export function RunCards({ runs, columns, selected, onSelect, seen, onEnd, focusAt }: ListProps) {
  const list = useRef<HTMLDivElement>(null);
  const cards = useWindowVirtualizer({
    count: runs?.length ?? 0,
    estimateSize: () => 170,
    gap: 12,
    overscan: 4,
    scrollMargin: list.current?.offsetTop ?? 0,
  });
  const items = cards.getVirtualItems();
  useRowsInSight(items, runs, { seen, onEnd });
  focusAt.current = (index) => {
    cards.scrollToIndex(index);
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-index="${index}"] a`)?.focus());
  };
  if (!runs) {
    return (
      <Stack aria-busy>
        {[0, 1, 2].map((card) => (
          <Skeleton key={card} height={158} />
        ))}
      </Stack>
    );
  }
  const more = columns.filter(({ id }) => !usualColumns.includes(id));
  return (
    <div ref={list} style={{ position: 'relative', height: cards.getTotalSize() }}>
      {items.map(({ index, start }) => (
        <div
          key={runs[index].id}
          ref={cards.measureElement}
          data-index={index}
          style={{
            position: 'absolute',
            insetInline: 0,
            transform: `translateY(${start - cards.options.scrollMargin}px)`,
          }}
        >
          <Card run={runs[index]} more={more} selected={selected.has(runs[index].id)} onSelect={onSelect} />
        </div>
      ))}
    </div>
  );
}

interface CardProps {
  run: Run;
  more: readonly Column[];
  selected: boolean;
  onSelect: (run: Run, selected: boolean) => void;
}

function Card({ run, more, selected, onSelect }: CardProps) {
  return (
    <Paper className="panel" p="md" bg={selected ? 'var(--regatta-selected)' : undefined}>
      <Stack gap="xs">
        <Group justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap" miw={0}>
            <Checkbox
              aria-label={`Select ${run.name}`}
              checked={selected}
              onChange={(event) => onSelect(run, event.currentTarget.checked)}
            />
            <RunLink runId={run.id} fw={600} truncate>
              {run.name}
            </RunLink>
          </Group>
          <Status status={run.status} />
        </Group>
        <Text size="xs" c="dimmed">
          {run.dataset ? `${run.task} on ${run.dataset.name}` : run.task}
          {run.startedAt && (
            <>
              {', started '}
              <Moment time={run.startedAt} size="xs" />
            </>
          )}
        </Text>
        <RunProgress run={run} />
        <Group justify="space-between">
          <LossCell run={run} />
          <WorkerSquares run={run} />
        </Group>
        {more.map(({ id, label, cell }) => (
          <Group key={id} justify="space-between" wrap="nowrap" gap="xs">
            <Text size="xs" c="dimmed" truncate>
              {label}
            </Text>
            {cell(run)}
          </Group>
        ))}
      </Stack>
    </Paper>
  );
}

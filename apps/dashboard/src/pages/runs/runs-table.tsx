import { Checkbox, Paper, Skeleton, Table, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import type { Run } from '@regatta/contracts';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useRef } from 'react';
import type { RunFilter } from '../../api/queries.js';
import { RunLink } from '../../components/run-link';
import { Status } from '../../components/status.js';
import type { Column } from './columns.js';
import type { ListProps } from './runs-page.js';
import { useRowsInSight } from './use-rows-in-sight.js';
import './runs.css';

const rowHeight = 57;
const fixedWidth = 44 + 130 + 240;

/** The wide form of the list. Only the rows in sight are drawn; undefined runs show as the skeleton of the same table. */
export function RunsTable({ runs, columns, selected, onSelect, sort, onSort, seen, onEnd, focusAt }: ListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: runs?.length ?? 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  const items = rows.getVirtualItems();
  useRowsInSight(items, runs, { seen, onEnd });
  focusAt.current = (index) => {
    rows.scrollToIndex(index);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-row="${index}"] a`)?.focus());
  };
  const above = items[0]?.start ?? 0;
  const below = rows.getTotalSize() - (items.at(-1)?.end ?? 0);
  const width = fixedWidth + columns.reduce((sum, column) => sum + column.width, 0);
  return (
    <Paper className="panel runs-scroller" ref={scroller} tabIndex={-1}>
      <Table
        verticalSpacing="xs"
        layout="fixed"
        highlightOnHover
        aria-busy={!runs}
        aria-rowcount={runs ? runs.length + 1 : undefined}
        style={{ minWidth: width }}
        stickyHeader
      >
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={44}>
              <VisuallyHidden>Selected</VisuallyHidden>
            </Table.Th>
            <Table.Th w={130}>Status</Table.Th>
            <SortHead label="Name" by="name" sort={sort} onSort={onSort} />
            {columns.map((column) =>
              column.sort ? (
                <SortHead
                  key={column.id}
                  label={column.label}
                  width={column.width}
                  by={column.sort}
                  sort={sort}
                  onSort={onSort}
                />
              ) : (
                <Table.Th key={column.id} w={column.width} title={column.label} className="runs-head">
                  {column.label}
                </Table.Th>
              ),
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {above > 0 && <tr aria-hidden style={{ height: above }} />}
          {runs
            ? items.map(({ index }) => (
                <Row
                  key={runs[index].id}
                  run={runs[index]}
                  index={index}
                  columns={columns}
                  selected={selected.has(runs[index].id)}
                  onSelect={onSelect}
                />
              ))
            : [0, 1, 2, 3].map((row) => (
                <Table.Tr key={row} h={rowHeight}>
                  <Table.Td colSpan={3 + columns.length}>
                    <Skeleton height={14} />
                  </Table.Td>
                </Table.Tr>
              ))}
          {below > 0 && <tr aria-hidden style={{ height: below }} />}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}

interface SortHeadProps {
  label: string;
  by: string;
  width?: number;
  sort: NonNullable<RunFilter['sort']>;
  onSort: (sort: NonNullable<RunFilter['sort']>) => void;
}

/** A heading that sorts: names from A, all else from the newest or highest; again: the other way round. */
function SortHead({ label, by, width, sort, onSort }: SortHeadProps) {
  const sorted = sort.replace('-', '') === by;
  const down = sort.startsWith('-');
  const first = by === 'name' ? by : `-${by}`;
  const other = sort === first ? (by === 'name' ? `-${by}` : by) : first;
  return (
    <Table.Th w={width} aria-sort={sorted ? (down ? 'descending' : 'ascending') : 'none'}>
      <UnstyledButton
        fz="sm"
        fw={700}
        onClick={() => onSort(sorted ? other : first)}
        title={`Sort by ${by === 'createdAt' ? 'the time it was queued' : label}`}
        maw="100%"
        className="runs-head"
      >
        {label}
        <span aria-hidden> {sorted ? (down ? '↓' : '↑') : ''}</span>
      </UnstyledButton>
    </Table.Th>
  );
}

interface RowProps {
  run: Run;
  index: number;
  columns: readonly Column[];
  selected: boolean;
  onSelect: (run: Run, selected: boolean) => void;
}

const Row = memo(function Row({ run, index, columns, selected, onSelect }: RowProps) {
  return (
    <Table.Tr
      h={rowHeight}
      data-row={index}
      aria-rowindex={index + 2}
      bg={selected ? 'var(--regatta-selected)' : undefined}
    >
      <Table.Td>
        <Checkbox
          aria-label={`Select ${run.name}`}
          checked={selected}
          onChange={(event) => onSelect(run, event.currentTarget.checked)}
        />
      </Table.Td>
      <Table.Td>
        <Status status={run.status} />
      </Table.Td>
      <Table.Td>
        <RunLink runId={run.id} fw={600} truncate display="block" title={run.name}>
          {run.name}
        </RunLink>
        <Text size="xs" c="dimmed" truncate>
          {run.dataset ? `${run.task} on ${run.dataset.name}` : run.task}
        </Text>
      </Table.Td>
      {columns.map((column) => (
        <Table.Td key={column.id}>{column.cell(run)}</Table.Td>
      ))}
    </Table.Tr>
  );
});

import { Badge, Group, Text } from '@mantine/core';
import type { Run } from '@regatta/contracts';
import type { ReactNode } from 'react';
import { Moment } from '../../components/moment.js';
import { WorkerSquares } from '../../components/worker-squares.js';
import { decimal, duration, percent } from '../../lib/format.js';
import { valueAt } from '../../lib/nested.js';
import { LossCell } from './loss-cell.js';
import { RunProgress } from './run-progress.js';

/** A column of the list of runs besides status and name, which are always there. */
export interface Column {
  id: string;
  label: string;
  /** Pixels. */
  width: number;
  /** What the API sorts by. */
  sort?: string;
  cell: (run: Run) => ReactNode;
}

const text = (value: ReactNode): ReactNode => (
  <Text size="sm" className="numbers" truncate>
    {value}
  </Text>
);

const fixed: readonly Column[] = [
  { id: 'progress', label: 'Progress', width: 250, cell: (run) => <RunProgress run={run} /> },
  { id: 'loss', label: 'Loss', width: 210, cell: (run) => <LossCell run={run} /> },
  { id: 'workers', label: 'Workers', width: 90, cell: (run) => <WorkerSquares run={run} /> },
  {
    id: 'started',
    label: 'Started',
    width: 120,
    sort: 'createdAt',
    cell: (run) => (run.startedAt ? <Moment time={run.startedAt} /> : text('not yet')),
  },
  { id: 'project', label: 'Project', width: 120, cell: (run) => text(run.project) },
  {
    id: 'tags',
    label: 'Tags',
    width: 160,
    cell: ({ tags }) => (
      <Group gap={4} wrap="nowrap" style={{ overflow: 'hidden' }} title={tags.join(', ')}>
        {tags.map((tag) => (
          <Badge key={tag} variant="default" size="sm" tt="none" style={{ flex: 'none' }}>
            {tag}
          </Badge>
        ))}
      </Group>
    ),
  },
  { id: 'priority', label: 'Priority', width: 90, sort: 'priority', cell: (run) => text(run.priority) },
  { id: 'goodput', label: 'Goodput', width: 100, cell: (run) => text(percent(run.goodput)) },
  { id: 'took', label: 'Took', width: 120, cell: (run) => text(duration(secondsOf(run))) },
];

function secondsOf({ startedAt, finishedAt }: Run): number | undefined {
  return startedAt && finishedAt ? (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000 : undefined;
}

export const usualColumns: readonly string[] = ['progress', 'loss', 'workers', 'started'];

/** `metric:validation.loss` and `parameter:optimizer.learningRate` are columns too, of whatever runs have. */
export const metricColumn = (name: string): string => `metric:${name}`;
export const parameterColumn = (path: string): string => `parameter:${path}`;

export function columnOf(id: string): Column | undefined {
  const [, kind, name] = /^(metric|parameter):(.+)$/.exec(id) ?? [];
  if (!kind) return fixed.find((column) => column.id === id);
  const cell = ({ metrics, config }: Run) => {
    const value = kind === 'metric' ? metrics[name] : valueAt(config, name);
    if (value === undefined || value === null) return text('–');
    return text(typeof value === 'number' ? decimal(value) : typeof value === 'string' ? value : JSON.stringify(value));
  };
  const sort = `${kind === 'metric' ? 'metrics' : 'config'}.${name}`;
  return { id, label: name, width: Math.max(110, Math.min(240, 40 + 8 * name.length)), sort, cell };
}

export const fixedChoices = fixed.map(({ id, label }) => ({ value: id, label }));

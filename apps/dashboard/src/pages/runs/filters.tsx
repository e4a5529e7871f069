import { Group, MultiSelect, Popover, Button as PopoverButton, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { type Run, type RunStatus, runStatuses, taskNames } from '@regatta/contracts';
import { IconColumns3, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { projectsQuery, type RunFilter } from '../../api/queries.js';
import { flatten } from '../../lib/nested.js';
import { fixedChoices, metricColumn, parameterColumn, usualColumns } from './columns.js';

interface FiltersProps {
  filter: RunFilter;
  onChange: (change: Partial<RunFilter>) => void;
  /** What is loaded: whose tags, metrics and parameters can be chosen. */
  runs: readonly Run[];
  columns: string[];
  onColumns: (columns: string[]) => void;
}

const sorts = [
  { value: '-createdAt', label: 'Newest first' },
  { value: 'createdAt', label: 'Oldest first' },
  { value: 'name', label: 'By name' },
  { value: '-name', label: 'By name, from Z' },
  { value: '-priority', label: 'Highest priority' },
  { value: 'priority', label: 'Lowest priority' },
];

/** Also for what only a column's heading sorts by. */
function orders(sort: string) {
  if (sorts.some(({ value }) => value === sort)) return sorts;
  const name = sort.replace(/^-?(metrics|config)\./, '');
  return [...sorts, { value: sort, label: `By ${name}, ${sort.startsWith('-') ? 'highest' : 'lowest'} first` }];
}

/** Which runs are shown, in which order, and what of them. */
export function Filters({ filter, onChange, runs, columns, onColumns }: FiltersProps) {
  const projects = useQuery(projectsQuery);
  const tags = new Set(runs.flatMap((run) => run.tags));
  if (filter.tag) tags.add(filter.tag);
  const names = (projects.data ?? []).map(({ name }) => name);
  const choice = (label: string, field: 'status' | 'task' | 'project' | 'tag', data: readonly string[]) => (
    <Select
      aria-label={label}
      placeholder={`Any ${label.toLowerCase()}`}
      data={[...data]}
      value={filter[field] ?? null}
      onChange={(value) => onChange({ [field]: (value as RunStatus | null) ?? undefined })}
      clearable
      clearButtonProps={{ 'aria-label': `Any ${label.toLowerCase()}` }}
      flex="1 1 128px"
      maw={{ sm: 170 }}
      searchable={data.length > 10}
    />
  );
  return (
    <Group gap="xs">
      <Search text={filter.text ?? ''} onChange={(text) => onChange({ text: text || undefined })} />
      {choice('Status', 'status', runStatuses)}
      {choice('Task', 'task', taskNames)}
      {(names.length > 1 || filter.project) && choice('Project', 'project', names)}
      {tags.size > 0 && choice('Tag', 'tag', [...tags].sort())}
      <Select
        aria-label="Order"
        data={orders(filter.sort ?? '-createdAt')}
        value={filter.sort ?? '-createdAt'}
        onChange={(sort) => onChange({ sort: sort ?? undefined })}
        allowDeselect={false}
        flex="1 1 128px"
        maw={{ sm: 170 }}
      />
      <Columns runs={runs} columns={columns} onColumns={onColumns} />
    </Group>
  );
}

function Search({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const [typed, setTyped] = useState(text);
  const told = useRef(text);
  const tell = useDebouncedCallback((value: string) => {
    told.current = value;
    onChange(value);
  }, 250);
  // The address changed by other ways than typing here: a link, the way back, "show all".
  useEffect(() => {
    if (text !== told.current) setTyped(text);
    told.current = text;
  }, [text]);
  return (
    <TextInput
      id="search"
      aria-label="Search by name, notes or dataset"
      placeholder="Search by name, notes, dataset"
      leftSection={<IconSearch size={16} aria-hidden />}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        tell(event.currentTarget.value);
      }}
      flex="3 1 220px"
    />
  );
}

/** Any metric or parameter as a column; the choice is remembered by the browser. */
function Columns({ runs, columns, onColumns }: Pick<FiltersProps, 'runs' | 'columns' | 'onColumns'>) {
  return (
    <Popover position="bottom-end" width={340} withinPortal trapFocus>
      <Popover.Target>
        <PopoverButton variant="default" leftSection={<IconColumns3 size={16} aria-hidden />}>
          Columns
        </PopoverButton>
      </Popover.Target>
      <Popover.Dropdown>
        <ColumnChoice runs={runs} columns={columns} onColumns={onColumns} />
      </Popover.Dropdown>
    </Popover>
  );
}

function ColumnChoice({ runs, columns, onColumns }: Pick<FiltersProps, 'runs' | 'columns' | 'onColumns'>) {
  // Newest runs say what can be chosen: all runs of a long list would say no more.
  const newest = runs.slice(0, 200);
  const choices = (chosen: string, names: Iterable<string>, id: (name: string) => string) => {
    const all = new Set(names);
    for (const column of columns) if (column.startsWith(chosen)) all.add(column.slice(chosen.length));
    return [...all].sort().map((name) => ({ value: id(name), label: name }));
  };
  const metrics = choices(
    'metric:',
    newest.flatMap((run) => Object.keys(run.metrics)),
    metricColumn,
  );
  const parameters = choices(
    'parameter:',
    newest.flatMap((run) => Object.keys(flatten(run.config))),
    parameterColumn,
  );
  return (
    <>
      <MultiSelect
        label="Columns"
        description="Besides status and name; in the order in which they were chosen"
        placeholder="Search metrics and parameters"
        data={[
          { group: 'Of the run', items: fixedChoices },
          { group: 'Metrics, last value', items: metrics },
          { group: 'Parameters', items: parameters },
        ]}
        value={columns}
        onChange={onColumns}
        searchable
        limit={300}
        comboboxProps={{ withinPortal: false }}
        maxDropdownHeight={260}
        data-autofocus
      />
      <PopoverButton variant="subtle" size="compact-sm" mt="xs" onClick={() => onColumns([...usualColumns])}>
        The usual ones
      </PopoverButton>
    </>
  );
}

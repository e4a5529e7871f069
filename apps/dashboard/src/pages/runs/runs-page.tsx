import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useLocalStorage, useMediaQuery } from '@mantine/hooks';
import type { Run } from '@regatta/contracts';
import { IconPlus } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type RefObject, useCallback, useMemo, useRef, useState } from 'react';
import type { RunFilter } from '../../api/queries.js';
import { Empty } from '../../components/empty.js';
import { Failure } from '../../components/failure.js';
import { asCurl } from '../../lib/curl.js';
import { count } from '../../lib/format.js';
import { type Column, columnOf, usualColumns } from './columns.js';
import { Filters } from './filters.js';
import { RunCards } from './run-cards.js';
import { useRuns } from './run-pages.js';
import { RunsTable } from './runs-table.js';
import { Selection } from './selection.js';
import { useListKeys } from './use-list-keys.js';

const route = getRouteApi('/shell/');
const example = { task: 'bert-pretrain', dataset: 'brown', model: { preset: 'bert-tiny' } };

/** What both forms of the list are given. */
export interface ListProps {
  /** undefined: not there yet. */
  runs: Run[] | undefined;
  columns: readonly Column[];
  selected: ReadonlyMap<string, Run>;
  onSelect: (run: Run, selected: boolean) => void;
  sort: NonNullable<RunFilter['sort']>;
  onSort: (sort: NonNullable<RunFilter['sort']>) => void;
  /** Written by the list: first and last index in sight. */
  seen: RefObject<[number, number]>;
  /** The end of what is loaded comes near. */
  onEnd: () => void;
  /** Written by the list: brings a row into sight and puts the focus on it. */
  focusAt: RefObject<(index: number) => void>;
}

/** What is running, is it going well, what came of the others? */
export function RunsPage() {
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const narrow = useMediaQuery('(max-width: 62em)', false, { getInitialValueInEffect: false });
  const seen = useRef<[number, number]>([0, 0]);
  const focusAt = useRef<(index: number) => void>(() => {});
  const list = useRuns(filter, seen);
  const { runs, hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const [chosen, setChosen] = useLocalStorage({ key: 'regatta-columns', defaultValue: [...usualColumns] });
  const columns = useMemo(() => chosen.flatMap((id) => columnOf(id) ?? []), [chosen]);
  const [picked, setPicked] = useState<ReadonlyMap<string, Run>>(new Map());

  const onSelect = useCallback((run: Run, selected: boolean) => {
    setPicked((before) => {
      const after = new Map(before);
      if (selected) after.set(run.id, run);
      else after.delete(run.id);
      return after;
    });
  }, []);
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const change = useCallback(
    (part: Partial<RunFilter>) =>
      void navigate({ search: (before) => ({ ...before, ...part }), replace: 'text' in part }),
    [navigate],
  );
  // What is known now of what was picked, also where a filter hides it.
  const selected = useMemo(() => {
    const now = new Map(runs?.map((run) => [run.id, run]));
    return new Map([...picked].map(([id, run]) => [id, now.get(id) ?? run]));
  }, [picked, runs]);
  useListKeys({ runs, selected, onSelect, focusAt });

  const { sort, ...conditions } = filter;
  const filtered = Object.values(conditions).some((value) => value !== undefined);
  const none = runs?.length === 0;
  const List = narrow ? RunCards : RunsTable;
  return (
    <Stack>
      <Group justify="space-between">
        <Group align="baseline" gap="sm">
          <Title order={1}>Runs</Title>
          <Text size="sm" c="dimmed" className="numbers">
            {runs && runs.length > 0 && `${count(runs.length)}${hasNextPage ? ' and more below' : ''}`}
          </Text>
        </Group>
        <Button leftSection={<IconPlus size={16} aria-hidden />} renderRoot={(props) => <Link to="/new" {...props} />}>
          New run
        </Button>
      </Group>
      <Filters filter={filter} onChange={change} runs={runs ?? []} columns={chosen} onColumns={setChosen} />
      {list.error && !runs && <Failure error={list.error} onRetry={() => void list.refetch()} />}
      {none && !filtered ? (
        <Empty
          title="No runs yet"
          action={<Button renderRoot={(props) => <Link to="/new" {...props} />}>Start the first run</Button>}
          command={asCurl(example)}
        >
          A run trains one model on one dataset, on as many workers as are free. This one learns English from the Brown
          corpus, which is built in.
        </Empty>
      ) : none ? (
        <Empty
          title="No run matches"
          action={
            <Button variant="default" onClick={() => void navigate({ search: sort ? { sort } : {} })}>
              Show all runs
            </Button>
          }
        >
          The search looks at names, notes and datasets; all other choices have to fit as well.
        </Empty>
      ) : (
        <List
          runs={runs}
          columns={columns}
          selected={selected}
          onSelect={onSelect}
          sort={sort ?? '-createdAt'}
          onSort={(by) => change({ sort: by })}
          seen={seen}
          onEnd={onEnd}
          focusAt={focusAt}
        />
      )}
      <Selection runs={[...selected.values()]} onClear={() => setPicked(new Map())} onChanged={list.renew} />
    </Stack>
  );
}

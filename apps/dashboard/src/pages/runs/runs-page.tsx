import { Button, Group, Select, Stack, TextInput, Title } from '@mantine/core';
import { useDebouncedCallback, useMediaQuery } from '@mantine/hooks';
import { type RunStatus, runStatuses } from '@regatta/contracts';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { runsQuery } from '../../api/queries.js';
import { Empty } from '../../components/empty.js';
import { Failure } from '../../components/failure.js';
import { asCurl } from '../../lib/curl.js';
import { RunCards } from './run-cards.js';
import { RunsTable } from './runs-table.js';

const route = getRouteApi('/shell/');
const example = { task: 'bert-pretrain', dataset: 'brown', model: { preset: 'bert-tiny' } };

/** What is running, is it going well, what came of the others? */
export function RunsPage() {
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const runs = useInfiniteQuery(runsQuery(filter));
  const narrow = useMediaQuery('(max-width: 62em)', false, { getInitialValueInEffect: false });
  const [text, setText] = useState(filter.text ?? '');
  const search = useDebouncedCallback((value: string) => {
    void navigate({ search: (before) => ({ ...before, text: value || undefined }), replace: true });
  }, 250);
  const items = runs.data?.pages.flatMap((page) => page.items);
  const filtered = filter.status !== undefined || filter.text !== undefined;
  const List = narrow ? RunCards : RunsTable;

  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1}>Runs</Title>
        <Button leftSection={<IconPlus size={16} aria-hidden />} renderRoot={(props) => <Link to="/new" {...props} />}>
          New run
        </Button>
      </Group>
      <Group>
        <TextInput
          id="search"
          aria-label="Search by name"
          placeholder="Search by name"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            search(event.currentTarget.value);
          }}
          flex="1 1 180px"
          maw={360}
        />
        <Select
          aria-label="Status"
          placeholder="Any status"
          data={[...runStatuses]}
          value={filter.status ?? null}
          onChange={(status) =>
            void navigate({ search: (before) => ({ ...before, status: (status as RunStatus | null) ?? undefined }) })
          }
          clearable
          clearButtonProps={{ 'aria-label': 'Any status' }}
          w={160}
        />
      </Group>
      {runs.error && !items && <Failure error={runs.error} onRetry={() => void runs.refetch()} />}
      {items?.length === 0 && !filtered ? (
        <Empty
          title="No runs yet"
          action={<Button renderRoot={(props) => <Link to="/new" {...props} />}>Start the first run</Button>}
          command={asCurl(example)}
        >
          A run trains one model on one dataset, on as many workers as are free. This one learns English from the Brown
          corpus, which is built in.
        </Empty>
      ) : items?.length === 0 ? (
        <Empty
          title="No run matches"
          action={
            <Button
              variant="default"
              onClick={() => {
                setText('');
                void navigate({ search: {} });
              }}
            >
              Show all runs
            </Button>
          }
        >
          The search looks at names; the status has to fit as well.
        </Empty>
      ) : (
        <List runs={items} />
      )}
      {runs.hasNextPage && (
        <Button variant="default" loading={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()} mx="auto">
          Older runs
        </Button>
      )}
    </Stack>
  );
}

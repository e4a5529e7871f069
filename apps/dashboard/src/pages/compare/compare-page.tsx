import { ActionIcon, Button, Group, Menu, Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import type { Comparison } from '@regatta/contracts';
import { IconDownload, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { compareQuery } from '../../api/queries.js';
import { Empty } from '../../components/empty.js';
import { Failure } from '../../components/failure.js';
import { RunLink } from '../../components/run-link';
import { Status } from '../../components/status.js';
import { csv, save } from '../../lib/download.js';
import { CompareCurves } from './compare-curves.js';
import { looksOf } from './looks.js';
import { Differences, Finals, Swatch } from './tables.js';

const route = getRouteApi('/shell/compare');

/** Which one is better, and why? */
export function ComparePage() {
  const { runs } = route.useSearch();
  const ids = runs.split(',').filter((id) => id !== '');
  const comparison = useQuery({ ...compareQuery(ids), enabled: ids.length > 1 });
  const toRuns = <Button renderRoot={(props) => <Link to="/" {...props} />}>Choose runs</Button>;
  if (ids.length < 2)
    return (
      <Empty title="Compare runs" action={toRuns} alone>
        Select two or more runs in the list, then press Compare: curves, differences and results side by side.
      </Empty>
    );
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1}>Compare {ids.length} runs</Title>
        {comparison.data && <Download comparison={comparison.data} />}
      </Group>
      {comparison.error && !comparison.data && (
        <>
          <Failure error={comparison.error} title="These can't be compared" onRetry={() => void comparison.refetch()} />
          <Group>{toRuns}</Group>
        </>
      )}
      {comparison.data ? (
        <Compared comparison={comparison.data} ids={ids} />
      ) : (
        !comparison.error && (
          <Stack aria-busy>
            <Skeleton height={40} />
            <Skeleton height={480} />
            <Skeleton height={200} />
          </Stack>
        )
      )}
    </Stack>
  );
}

function Compared({ comparison, ids }: { comparison: Comparison; ids: readonly string[] }) {
  const looks = looksOf(comparison.runs);
  return (
    <>
      <Group gap="xs">
        {comparison.runs.map(({ id, name, status }) => (
          <Paper key={id} className="panel" px="sm" py={4}>
            <Group gap={8} wrap="nowrap">
              <Swatch look={looks.get(id)} />
              <RunLink runId={id} size="sm" maw={220} truncate>
                {name}
              </RunLink>
              <Status status={status} />
              {ids.length > 2 && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="sm"
                  aria-label={`Leave out ${name}`}
                  renderRoot={(props) => (
                    <Link
                      to="/compare"
                      search={{ runs: ids.filter((one) => one !== id).join(',') }}
                      replace
                      {...props}
                    />
                  )}
                >
                  <IconX size={14} aria-hidden />
                </ActionIcon>
              )}
            </Group>
          </Paper>
        ))}
      </Group>
      <CompareCurves comparison={comparison} />
      <Paper className="panel" p="md">
        <Title order={2} mb="sm">
          What differs
        </Title>
        <Differences comparison={comparison} />
      </Paper>
      <Paper className="panel" p="md">
        <Title order={2} mb={4}>
          What came of it
        </Title>
        <Text size="sm" c="dimmed" mb="sm">
          The last value of each.
        </Text>
        <Finals comparison={comparison} />
      </Paper>
    </>
  );
}

/** The comparison as a table, a run a line, or as the API answered it. */
function Download({ comparison }: { comparison: Comparison }) {
  const { runs, config, metrics } = comparison;
  const cell = (value: unknown) => (typeof value === 'string' || value === null ? value : JSON.stringify(value));
  const table = () => [
    ['id', 'name', 'status', 'step', 'group', ...config.map(({ name }) => name), ...metrics.map(({ name }) => name)],
    ...runs.map(({ id, name, status, step, group }, index) => [
      id,
      name,
      status,
      step,
      group,
      ...[...config, ...metrics].map(({ values }) => cell(values[index])),
    ]),
  ];
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />}>
          Download
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => save('comparison.csv', csv(table()), 'text/csv')}>CSV, a line for each run</Menu.Item>
        <Menu.Item onClick={() => save('comparison.json', JSON.stringify(comparison, null, 2), 'application/json')}>
          JSON
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

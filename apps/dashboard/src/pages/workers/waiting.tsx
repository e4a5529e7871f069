import { Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { Run, RunStatus } from '@regatta/contracts';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { runsQuery, waitReasonQuery } from '../../api/queries.js';
import { RunLink } from '../../components/run-link';
import { Status } from '../../components/status.js';

const waiting: RunStatus[] = ['queued', 'gathering', 'recovering'];

/** The queue, with the reason why each run waits. */
export function Waiting() {
  const [queued, gathering, recovering] = waiting.map((status) => useInfiniteQuery(runsQuery({ status })));
  const runs = [recovering, gathering, queued].flatMap((query) => query.data?.pages[0].items ?? []);
  if (runs.length === 0) return null;
  return (
    <Paper className="panel" p="md">
      <Title order={2} mb="sm">
        Waiting for workers
      </Title>
      <Stack gap="sm">
        {runs.map((run) => (
          <Reason key={run.id} run={run} />
        ))}
      </Stack>
    </Paper>
  );
}

function Reason({ run }: { run: Run }) {
  const events = useQuery(waitReasonQuery(run.id));
  const distributed = run.config.distributed as { minWorkers?: number } | undefined;
  const newest = events.data?.findLast(({ type }) => type !== 'checkpoint');
  return (
    <Group gap="md" wrap="wrap">
      <Status status={run.status} />
      <RunLink runId={run.id} fw={600}>
        {run.name}
      </RunLink>
      <Text size="sm" c="dimmed">
        {newest?.message ?? `needs ${distributed?.minWorkers ?? 1} free`}
      </Text>
    </Group>
  );
}

import { Group, Paper, Skeleton, Stack, Table, Text, Title } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQueries, useQuery } from '@tanstack/react-query';
import { runQuery, workersQuery } from '../../api/queries.js';
import type { Worker } from '../../api/types.js';
import { Empty } from '../../components/empty.js';
import { Failure } from '../../components/failure.js';
import { count } from '../../lib/format.js';
import { AddWorker, startCommand } from './add-worker.js';
import { Waiting } from './waiting.js';
import { WorkerCard, WorkerRow } from './worker.js';

/** Who is there, what are they doing, why does a run wait? */
export function WorkersPage() {
  const workers = useQuery(workersQuery);
  const byHost = Map.groupBy(workers.data ?? [], ({ host }) => host);
  return (
    <Stack>
      <Title order={1}>Workers</Title>
      {workers.error && !workers.data && <Failure error={workers.error} onRetry={() => void workers.refetch()} />}
      {workers.isPending && <Skeleton height={160} />}
      {workers.data?.length === 0 && (
        <Empty title="No worker is there" command={startCommand}>
          Runs wait until one comes. The start of the server brings two by itself; on another machine, start one with
          the addresses of both Redis servers and of the artifacts.
        </Empty>
      )}
      {[...byHost].map(([host, members]) => (
        <Host key={host} host={host} workers={members} />
      ))}
      <Waiting />
      {workers.data && workers.data.length > 0 && <AddWorker />}
    </Stack>
  );
}

function Host({ host, workers }: { host: string; workers: Worker[] }) {
  const ids = [...new Set(workers.flatMap(({ run }) => (run ? [run] : [])))];
  const runs = useQueries({ queries: ids.map((id) => runQuery(id)) });
  const nameOf = (id: string | null) => runs.find(({ data }) => data?.id === id)?.data?.name ?? 'a run';
  const narrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  return (
    <Paper className="panel" p="md">
      <Group gap="sm" mb="sm">
        <Title order={2}>{host}</Title>
        <Text size="sm" c="dimmed">
          {count(workers.length)} {workers.length === 1 ? 'worker' : 'workers'}
        </Text>
      </Group>
      {narrow ? (
        <Stack gap="md">
          {workers.map((worker) => (
            <WorkerCard key={worker.id} worker={worker} runName={nameOf(worker.run)} />
          ))}
        </Stack>
      ) : (
        <Table>
          <Table.Thead>
            <Table.Tr>
              {['Worker', 'Does', 'Run and rank', 'Threads', 'Memory', 'Heartbeat'].map((label) => (
                <Table.Th key={label}>{label}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {workers.map((worker) => (
              <WorkerRow key={worker.id} worker={worker} runName={nameOf(worker.run)} />
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Paper>
  );
}

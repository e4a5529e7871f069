import { Anchor, Group, Paper, Skeleton, Stack, Table, Text, Title, Tooltip } from '@mantine/core';
import { useQueries, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { runQuery, workersQuery } from '../../api/queries.js';
import type { Worker } from '../../api/types.js';
import { Empty } from '../../components/empty.js';
import { Failure } from '../../components/failure.js';
import { bytes, count, duration } from '../../lib/format.js';
import { palette } from '../../lib/palette.js';
import { AddWorker, startCommand } from './add-worker.js';
import { Waiting } from './waiting.js';

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

const looks: Record<Worker['status'], { color: string; filled: boolean; help: string }> = {
  idle: { color: palette.grey, filled: false, help: 'Free for a run' },
  joining: { color: palette.sky, filled: false, help: 'Has taken a rank and waits for the others' },
  training: { color: palette.blue, filled: true, help: 'Trains in step with the other ranks of its run' },
  draining: { color: palette.purple, filled: true, help: 'Finishes its step and leaves' },
  lost: { color: palette.vermilion, filled: false, help: 'Has not been heard of for more than 3 s' },
};

function Host({ host, workers }: { host: string; workers: Worker[] }) {
  const ids = [...new Set(workers.flatMap(({ run }) => (run ? [run] : [])))];
  const runs = useQueries({ queries: ids.map((id) => runQuery(id)) });
  const nameOf = (id: string) => runs.find(({ data }) => data?.id === id)?.data?.name ?? 'a run';
  return (
    <Paper className="panel" p="md">
      <Group gap="sm" mb="sm">
        <Title order={2}>{host}</Title>
        <Text size="sm" c="dimmed">
          {count(workers.length)} {workers.length === 1 ? 'worker' : 'workers'}
        </Text>
      </Group>
      <Table.ScrollContainer minWidth={560}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Worker</Table.Th>
              <Table.Th>Does</Table.Th>
              <Table.Th>Run and rank</Table.Th>
              <Table.Th>Threads</Table.Th>
              <Table.Th>Memory</Table.Th>
              <Table.Th>Heartbeat</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {workers.map((worker) => (
              <Table.Tr key={worker.id}>
                <Table.Td>
                  <Tooltip
                    label={`Workers of one run must have the same fingerprint. This one's: ${worker.fingerprint}`}
                    multiline
                    maw={360}
                  >
                    <Text size="sm" tabIndex={0}>
                      {worker.id}
                    </Text>
                  </Tooltip>
                </Table.Td>
                <Table.Td>
                  <WorkerStatus status={worker.status} />
                </Table.Td>
                <Table.Td>
                  {worker.run ? (
                    <Anchor
                      size="sm"
                      renderRoot={(props) => <Link to="/runs/$runId" params={{ runId: worker.run ?? '' }} {...props} />}
                    >
                      {nameOf(worker.run)}
                      {worker.rank !== null && `, rank ${worker.rank}`}
                    </Anchor>
                  ) : (
                    '–'
                  )}
                </Table.Td>
                <Table.Td className="numbers">{count(worker.threads)}</Table.Td>
                <Table.Td className="numbers">{bytes(worker.memoryBytes)}</Table.Td>
                <Table.Td className="numbers">{duration(worker.heartbeatAge)} ago</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
}

function WorkerStatus({ status }: { status: Worker['status'] }) {
  const { color, filled, help } = looks[status];
  return (
    <Tooltip label={help}>
      <Group gap={8} wrap="nowrap" display="inline-flex">
        <span className="dot" style={{ borderColor: color, background: filled ? color : 'transparent' }} aria-hidden />
        <Text span size="sm" data-worker-status={status}>
          {status}
        </Text>
      </Group>
    </Tooltip>
  );
}

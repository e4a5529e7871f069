import { Group, Stack, Table, Text, Tooltip } from '@mantine/core';
import { useMay } from '../../api/queries.js';
import type { Worker } from '../../api/types.js';
import { RunLink } from '../../components/run-link';
import { bytes, count, duration } from '../../lib/format.js';
import { palette } from '../../lib/palette.js';
import { ChaosMenu } from './chaos-menu.js';
import { DrainButton } from './drain-button.js';

const looks: Record<Worker['status'], { color: string; filled: boolean; help: string }> = {
  idle: { color: palette.grey, filled: false, help: 'Free for a run' },
  joining: { color: palette.sky, filled: false, help: 'Has taken a rank and waits for the others' },
  training: { color: palette.blue, filled: true, help: 'Trains in step with the other ranks of its run' },
  draining: { color: palette.purple, filled: true, help: 'Finishes its step and leaves' },
  lost: { color: palette.vermilion, filled: false, help: 'Has not been heard of for more than 3 s' },
};

interface WorkerProps {
  worker: Worker;
  /** Of the run that it belongs to, if any. */
  runName: string;
}

export function WorkerRow({ worker, runName }: WorkerProps) {
  return (
    <Table.Tr>
      <Table.Td>
        <WorkerName worker={worker} />
        <Warning worker={worker} />
      </Table.Td>
      <Table.Td>
        <WorkerStatus status={worker.status} />
      </Table.Td>
      <Table.Td>
        <RankOf worker={worker} runName={runName} />
      </Table.Td>
      <Table.Td className="numbers">{count(worker.threads)}</Table.Td>
      <Table.Td className="numbers">
        {bytes(worker.memoryBytes)}
        {worker.device && (
          <Text size="xs" c="dimmed">
            {nameOfDevice(worker.device)}
          </Text>
        )}
      </Table.Td>
      <Table.Td className="numbers">
        <Group gap={4} wrap="nowrap" justify="space-between">
          {duration(worker.heartbeatAge)} ago
          <Actions worker={worker} />
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

/** The same for a narrow screen. */
export function WorkerCard({ worker, runName }: WorkerProps) {
  return (
    <Stack gap={2}>
      <Group justify="space-between" wrap="nowrap">
        <WorkerName worker={worker} />
        <Group gap={4} wrap="nowrap">
          <WorkerStatus status={worker.status} />
          <Actions worker={worker} />
        </Group>
      </Group>
      <Warning worker={worker} />
      {worker.run && <RankOf worker={worker} runName={runName} />}
      <Text size="xs" c="dimmed">
        {count(worker.threads)} {worker.threads === 1 ? 'thread' : 'threads'}, {bytes(worker.memoryBytes)} of memory,
        {worker.device && ` ${nameOfDevice(worker.device)},`} heartbeat {duration(worker.heartbeatAge)} ago
      </Text>
    </Stack>
  );
}

const nameOfDevice = ({ name, memoryBytes }: NonNullable<Worker['device']>) => `${name}, ${bytes(memoryBytes)}`;

function Actions({ worker }: { worker: Worker }) {
  if (!useMay('member')) return null;
  return (
    <Group gap={4} wrap="nowrap">
      <DrainButton worker={worker} />
      {worker.chaos && <ChaosMenu workerId={worker.id} hasRank={worker.run !== null} />}
    </Group>
  );
}

function WorkerName({ worker }: { worker: Worker }) {
  const help = `Workers of one run must have the same fingerprint. This one's: ${worker.fingerprint}`;
  return (
    <Tooltip label={help} multiline maw={360} events={{ hover: true, focus: true, touch: true }}>
      <Text size="sm" tabIndex={0} truncate>
        {worker.id}
      </Text>
    </Tooltip>
  );
}

function Warning({ worker }: { worker: Worker }) {
  return worker.warning && <Text size="xs">⚠ {worker.warning}</Text>;
}

function RankOf({ worker, runName }: WorkerProps) {
  if (!worker.run) return <Text size="sm">–</Text>;
  const runId = worker.run;
  return (
    <RunLink runId={runId} size="sm">
      {runName}
      {worker.rank !== null && `, rank ${worker.rank}`}
    </RunLink>
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

import { Anchor, Paper, Skeleton, Table, Text, VisuallyHidden } from '@mantine/core';
import type { Run } from '@regatta/contracts';
import { Link } from '@tanstack/react-router';
import { Moment } from '../../components/moment.js';
import { Status } from '../../components/status.js';
import { WorkerSquares } from '../../components/worker-squares.js';
import { CancelRun } from './cancel-run.js';
import { LossCell } from './loss-cell.js';
import { RunProgress } from './run-progress.js';

const columns: [string, number?][] = [
  ['Status', 130],
  ['Name'],
  ['Progress', 250],
  ['Loss', 210],
  ['Workers', 90],
  ['Started', 110],
  ['', 90],
];

/** The wide form of the list; undefined runs show as the skeleton of the same table. */
export function RunsTable({ runs }: { runs: Run[] | undefined }) {
  return (
    <Paper className="panel" style={{ overflow: 'hidden' }}>
      <Table verticalSpacing="xs" layout="fixed" highlightOnHover aria-busy={!runs}>
        <Table.Thead>
          <Table.Tr>
            {columns.map(([label, width]) => (
              <Table.Th key={label} w={width}>
                {label || <VisuallyHidden>Actions</VisuallyHidden>}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs?.map((run) => <Row key={run.id} run={run} />) ??
            [0, 1, 2, 3].map((row) => (
              <Table.Tr key={row}>
                {columns.map(([label]) => (
                  <Table.Td key={label} h={57}>
                    <Skeleton height={14} />
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}

function Row({ run }: { run: Run }) {
  return (
    <Table.Tr h={57}>
      <Table.Td>
        <Status status={run.status} />
      </Table.Td>
      <Table.Td>
        <Anchor
          fw={600}
          truncate
          display="block"
          renderRoot={(props) => <Link to="/runs/$runId" params={{ runId: run.id }} {...props} />}
        >
          {run.name}
        </Anchor>
        <Text size="xs" c="dimmed" truncate>
          {run.dataset ? `${run.task} on ${run.dataset.name}` : run.task}
        </Text>
      </Table.Td>
      <Table.Td>
        <RunProgress run={run} />
      </Table.Td>
      <Table.Td>
        <LossCell run={run} />
      </Table.Td>
      <Table.Td>
        <WorkerSquares run={run} />
      </Table.Td>
      <Table.Td>{run.startedAt ? <Moment time={run.startedAt} /> : <Text size="sm">not yet</Text>}</Table.Td>
      <Table.Td>
        <CancelRun run={run} size="compact-sm" />
      </Table.Td>
    </Table.Tr>
  );
}

import { Anchor, Group, Paper, Skeleton, Stack, Text } from '@mantine/core';
import type { Run } from '@regatta/contracts';
import { Link } from '@tanstack/react-router';
import { Moment } from '../../components/moment.js';
import { Status } from '../../components/status.js';
import { WorkerSquares } from '../../components/worker-squares.js';
import { CancelRun } from './cancel-run.js';
import { LossCell } from './loss-cell.js';
import { RunProgress } from './run-progress.js';

/** The narrow form of the list: the same fields, a card each. */
export function RunCards({ runs }: { runs: Run[] | undefined }) {
  if (!runs) {
    return (
      <Stack aria-busy>
        {[0, 1, 2].map((card) => (
          <Skeleton key={card} height={172} />
        ))}
      </Stack>
    );
  }
  return (
    <Stack gap="sm">
      {runs.map((run) => (
        <Paper key={run.id} className="panel" p="md">
          <Stack gap="xs">
            <Group justify="space-between" wrap="nowrap">
              <Anchor
                fw={600}
                truncate
                renderRoot={(props) => <Link to="/runs/$runId" params={{ runId: run.id }} {...props} />}
              >
                {run.name}
              </Anchor>
              <Status status={run.status} />
            </Group>
            <Text size="xs" c="dimmed">
              {run.dataset ? `${run.task} on ${run.dataset.name}` : run.task}
              {run.startedAt && (
                <>
                  {', started '}
                  <Moment time={run.startedAt} size="xs" />
                </>
              )}
            </Text>
            <RunProgress run={run} />
            <Group justify="space-between">
              <LossCell run={run} />
              <WorkerSquares run={run} />
            </Group>
            <CancelRun run={run} size="compact-sm" />
          </Stack>
        </Paper>
      ))}
    </Stack>
  );
}

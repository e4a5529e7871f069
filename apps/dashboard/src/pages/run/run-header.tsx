import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { Run } from '@regatta/contracts';
import { Link } from '@tanstack/react-router';
import { isFinished } from '../../api/queries.js';
import { ModelLink } from '../../components/model-link.js';
import { Moment } from '../../components/moment.js';
import { RunLink } from '../../components/run-link';
import { Status } from '../../components/status.js';
import { CancelRun } from '../runs/cancel-run.js';
import { RunProgress } from '../runs/run-progress.js';
import { PauseRun, ScaleRun } from './run-control.js';

/** The run that a fork comes from; a link while there is one. */
function Lineage({ from: { run, name, step } }: { from: NonNullable<Run['forkedFrom']> }) {
  const who = run ? <RunLink runId={run}>{name}</RunLink> : name;
  return (
    <>
      , forked from {who} at step {step}
    </>
  );
}

export function RunHeader({ run }: { run: Run }) {
  return (
    <Paper className="panel" p="md">
      <Group justify="space-between" gap="md" align="flex-start">
        <Stack gap={2} miw={0} flex="1 1 260px">
          <Group gap="md">
            <Title order={1} style={{ overflowWrap: 'anywhere' }}>
              {run.name}
            </Title>
            <Status status={run.status} />
          </Group>
          <Text size="sm" c="dimmed">
            {run.task}
            {run.dataset && ` on ${run.dataset.name}, version ${run.dataset.version}`}
            {run.startedAt ? ', started ' : ', queued '}
            <Moment time={run.startedAt ?? run.createdAt} />
            {run.base && (
              <>
                , fine-tunes{' '}
                <ModelLink modelId={run.base.id} inherit underline="always">
                  {run.base.name}
                </ModelLink>
              </>
            )}
            {run.forkedFrom && <Lineage from={run.forkedFrom} />}
            {run.model && (
              <>
                , left{' '}
                <ModelLink modelId={run.model} inherit underline="always">
                  this model
                </ModelLink>
              </>
            )}
          </Text>
        </Stack>
        <Group gap="md" flex="1 1 320px" justify="flex-end">
          <div style={{ flex: '1 1 200px', maxWidth: 420 }} data-testid="progress">
            <RunProgress run={run} />
          </div>
          {isFinished(run) ? (
            <Button
              variant="default"
              size="sm"
              renderRoot={(props) => <Link to="/new" search={{ from: run.id }} {...props} />}
            >
              Run again
            </Button>
          ) : (
            <Group gap="xs" wrap="nowrap">
              <PauseRun run={run} />
              <ScaleRun run={run} />
              <CancelRun run={run} size="sm" />
            </Group>
          )}
        </Group>
      </Group>
    </Paper>
  );
}

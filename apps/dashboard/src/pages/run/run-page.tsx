import { Grid, Group, Paper, SegmentedControl, Skeleton, Slider, Stack, Switch, Text, Title } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { ProblemError } from '@regatta/client';
import type { Run } from '@regatta/contracts';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { runQuery } from '../../api/queries.js';
import { Failure } from '../../components/failure.js';
import { kindOfRun } from '../../lib/tasks.js';
import { useRunFeed } from '../../live/use-run-feed.js';
import { NotFound } from '../not-found.js';
import { Charts } from './charts.js';
import type { Horizontal } from './curves.js';
import { Ledger } from './ledger.js';
import { RunDetails } from './run-details.js';
import { RunError } from './run-error.js';
import { RunHeader } from './run-header.js';
import { RunWorkers } from './run-workers.js';

const LabRun = lazy(() => import('./lab-run.js'));
const TryIt = lazy(() => import('./try-it.js'));
const route = getRouteApi('/shell/runs/$runId');

/** Is it learning? Did anything happen to it? Can I use it? */
export function RunPage() {
  const { runId } = route.useParams();
  const run = useQuery(runQuery(runId));
  if (run.error instanceof ProblemError && run.error.status === 404) return <NotFound />;
  if (run.error && !run.data) return <Failure error={run.error} onRetry={() => void run.refetch()} />;
  return run.data ? <Live key={runId} run={run.data} /> : <Waiting />;
}

function Live({ run }: { run: Run }) {
  const feed = useRunFeed(run.id);
  const [smoothing, setSmoothing] = useLocalStorage({ key: 'regatta-smoothing', defaultValue: 0.9 });
  const [x, setX] = useLocalStorage<Horizontal>({ key: 'regatta-x', defaultValue: 'step' });
  const [log, setLog] = useState(false);
  useEffect(() => {
    document.title = `${run.name}: ${run.status} · Regatta`;
  }, [run.name, run.status]);

  const start = Date.parse(run.startedAt ?? run.createdAt);
  const kind = kindOfRun(run);
  if (run.task === 'attention-lab') return <LabRun run={run} feed={feed} />;
  return (
    <Stack gap="md">
      <RunHeader run={run} />
      {run.error && <RunError run={run} events={feed.events} />}
      <Charts
        run={run}
        feed={feed}
        view={{ x, smoothing, start }}
        log={log}
        controls={
          <Group gap="lg" mb="sm">
            <Group gap="xs" wrap="nowrap">
              <Text size="sm" id="smoothing">
                Smooth
              </Text>
              <Slider
                w={110}
                min={0}
                max={0.99}
                step={0.01}
                value={smoothing}
                onChange={setSmoothing}
                label={(value) => value.toFixed(2)}
                size="sm"
                thumbProps={{ 'aria-labelledby': 'smoothing' }}
              />
            </Group>
            <Switch
              size="sm"
              label="Log scale"
              checked={log}
              onChange={(event) => setLog(event.currentTarget.checked)}
            />
            <SegmentedControl
              size="xs"
              aria-label="Horizontal axis"
              data={[
                { value: 'step', label: 'Steps' },
                { value: 'time', label: 'Time' },
              ]}
              value={x}
              onChange={(value) => setX(value as Horizontal)}
            />
          </Group>
        }
      >
        <RunWorkers run={run} feed={feed} />
        <Ledger run={run} events={feed.events} />
        {kind && (
          <Paper className="panel" p="md">
            <Title order={2} mb="sm">
              Try it
            </Title>
            <Suspense fallback={<Skeleton height={120} />}>
              <TryIt run={run} kind={kind} />
            </Suspense>
          </Paper>
        )}
      </Charts>
      <RunDetails run={run} />
    </Stack>
  );
}

function Waiting() {
  return (
    <Stack gap="md" aria-busy>
      <Skeleton height={74} />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Skeleton height={470} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Skeleton height={470} />
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

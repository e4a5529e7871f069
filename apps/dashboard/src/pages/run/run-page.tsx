import { Grid, Group, Paper, SegmentedControl, Skeleton, Stack, Switch, Title } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { ProblemError } from '@regatta/client';
import type { Run } from '@regatta/contracts';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { runQuery } from '../../api/queries.js';
import { Smoothing } from '../../charts/smoothing.js';
import { Failure } from '../../components/failure.js';
import { kindOfRun } from '../../lib/tasks.js';
import { useRunFeed } from '../../live/use-run-feed.js';
import { NotFound } from '../not-found.js';
import { Charts } from './charts.js';
import type { Horizontal, View } from './curves.js';
import { Ledger } from './ledger.js';
import { RunDetails } from './run-details.js';
import { RunError } from './run-error.js';
import { RunHeader } from './run-header.js';
import { RunWorkers } from './run-workers.js';
import { tokenScale } from './token-scale.js';

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
  const perStep = run.progress.step === 0 ? 1 : run.progress.epoch / run.progress.step;
  const view = useMemo((): View => {
    if (x === 'epoch') return { x, smoothing, start, at: (step) => step * perStep };
    if (x === 'tokens') return { x, smoothing, start, at: tokenScale(feed.series.get('train.tokensPerSecond')) };
    return { x, smoothing, start };
  }, [x, smoothing, start, perStep, feed, feed.version]);
  const kind = kindOfRun(run);
  if (run.task === 'attention-lab') return <LabRun run={run} feed={feed} />;
  return (
    <Stack gap="md">
      <RunHeader run={run} />
      {run.error && <RunError run={run} events={feed.events} />}
      <Charts
        run={run}
        feed={feed}
        view={view}
        log={log}
        controls={
          <Group gap="lg" mb="sm">
            <Smoothing value={smoothing} onChange={setSmoothing} />
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
                { value: 'epoch', label: 'Epochs' },
                { value: 'tokens', label: 'Tokens' },
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

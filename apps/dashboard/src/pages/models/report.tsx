import { Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import type { Run } from '@regatta/contracts';
import { useQuery } from '@tanstack/react-query';
import { runQuery, samplesQuery } from '../../api/queries.js';
import type { Model } from '../../api/types.js';
import { Failure } from '../../components/failure.js';
import { Measured } from '../../evaluation/measured.js';
import { Tables } from '../../evaluation/tables.js';
import { count } from '../../lib/format.js';
import { metricsOf } from '../../lib/metrics.js';

/** How good it is on data that its run held out. */
export function Report({ model }: { model: Model }) {
  const measured = metricsOf(Object.keys(model.metrics)).length > 0;
  return (
    <Paper className="panel" p="md">
      <Stack>
        <Title order={2}>On held-out data</Title>
        {measured ? (
          <Measured metrics={model.metrics} />
        ) : (
          <Text size="sm" c="dimmed">
            Nothing is known: it was imported, not trained here.
          </Text>
        )}
        {model.runId && <RunTables runId={model.runId} step={model.step} />}
      </Stack>
    </Paper>
  );
}

function RunTables({ runId, step }: { runId: string; step: number }) {
  const run = useQuery(runQuery(runId));
  if (run.error && !run.data) return <Failure error={run.error} onRetry={() => void run.refetch()} />;
  return run.data ? <TablesAt run={run.data} step={step} /> : <Skeleton height={200} />;
}

/** What the evaluation at the model's step left, else the last one before it. */
function TablesAt({ run, step }: { run: Run; step: number }) {
  const samples = useQuery(samplesQuery(run));
  if (samples.error && !samples.data) return <Failure error={samples.error} onRetry={() => void samples.refetch()} />;
  if (!samples.data) return <Skeleton height={200} />;
  const at = Math.max(...samples.data.map((sample) => sample.step).filter((one) => one <= step));
  return (
    <>
      {at >= 0 && at < step && (
        <Text size="sm" c="dimmed">
          As of the evaluation after step {count(at)}.
        </Text>
      )}
      <Tables samples={samples.data.filter((sample) => sample.step === at)} />
    </>
  );
}

import { Paper, Stack } from '@mantine/core';
import type { Run } from '@regatta/contracts';
import type { RunFeed } from '../../live/run-feed.js';
import './charts.css';
import { Samples } from '../../evaluation/samples.js';
import { Ledger } from './ledger.js';
import { RunDetails } from './run-details.js';
import { RunError } from './run-error.js';
import { RunHeader } from './run-header.js';
import { RunWorkers } from './run-workers.js';

/** An experiment: what it found comes first; there is nothing to try. */
export default function LabRun({ run, feed }: { run: Run; feed: RunFeed }) {
  return (
    <Stack gap="md">
      <RunHeader run={run} />
      {run.error && <RunError run={run} events={feed.events} />}
      <div className="run-grid">
        <Paper className="panel run-main" p="md">
          <Samples run={run} />
        </Paper>
        <Stack gap="md" className="run-side">
          <RunWorkers run={run} feed={feed} />
          <Ledger run={run} events={feed.events} />
        </Stack>
      </div>
      <RunDetails run={run} />
    </Stack>
  );
}

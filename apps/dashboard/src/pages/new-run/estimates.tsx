import { Group, Paper, Title } from '@mantine/core';
import type { Run } from '@regatta/contracts';
import type { DryRun } from '../../api/types.js';
import { Quantity } from '../../components/quantity.js';
import { bytes, compact, duration } from '../../lib/format.js';

interface EstimatesProps {
  /** The dry run's answer; the one before while a new one is under way. */
  result: DryRun | Run | undefined;
  pending: boolean;
  wrong: boolean;
}

/** What the run would cost, kept up to date while the form is filled in. */
export function Estimates({ result, pending, wrong }: EstimatesProps) {
  const estimates = result && 'estimates' in result && !wrong ? result.estimates : undefined;
  return (
    <Paper className="panel" p="md" aria-busy={pending} data-testid="estimates">
      <Title order={2} mb="sm">
        What it costs
      </Title>
      <Group gap="xl" style={{ opacity: pending ? 0.6 : 1 }}>
        <Quantity label="Time" help="At the speed of earlier runs on these workers">
          {estimates
            ? estimates.seconds === null
              ? 'known after a first run'
              : `about ${duration(estimates.seconds)}`
            : '–'}
        </Quantity>
        <Quantity label="A step" help="One update of the weights by all workers together">
          {duration(estimates?.secondsPerStep)}
        </Quantity>
        <Quantity label="Parameters" help="Numbers that are learnt">
          {compact(estimates?.parameters)}
        </Quantity>
        <Quantity label="Memory" help="For each worker: weights, gradients, the optimizer's moments and activations">
          {bytes(estimates?.memoryBytes)}
        </Quantity>
        <Quantity label="Exchange a step" help="Bytes of gradients that the workers exchange through Redis in a step">
          {bytes(estimates?.bytesPerStep)}
        </Quantity>
      </Group>
    </Paper>
  );
}

import { Group, Progress, Text, Tooltip } from '@mantine/core';
import type { Run } from '@regatta/contracts';
import { isFinished } from '../../api/queries.js';
import { statusColor } from '../../components/status.js';
import { count, duration } from '../../lib/format.js';

/** Step of steps as a bar, with the time that is left; of a finished run, the time it took. */
export function RunProgress({ run }: { run: Run }) {
  const { step, maxSteps, etaSeconds } = run.progress;
  const share = maxSteps ? Math.min(100, (step / maxSteps) * 100) : 0;
  const took =
    run.startedAt && run.finishedAt ? (Date.parse(run.finishedAt) - Date.parse(run.startedAt)) / 1000 : undefined;
  const time = isFinished(run)
    ? took !== undefined && `took ${duration(took)}`
    : etaSeconds !== null && `${duration(etaSeconds)} left`;
  return (
    <Tooltip label={`Optimizer steps done, of those asked for; epoch ${run.progress.epoch.toFixed(2)}`}>
      <div>
        <Group justify="space-between" gap="xs" wrap="nowrap" mb={4}>
          <Text size="xs" className="numbers">
            step {count(step)}
            {maxSteps !== null && ` / ${count(maxSteps)}`}
          </Text>
          <Text size="xs" c="dimmed" className="numbers">
            {time}
          </Text>
        </Group>
        <Progress value={share} color={statusColor(run.status)} size="sm" aria-label={`Progress of ${run.name}`} />
      </div>
    </Tooltip>
  );
}

import { Group, Text, Tooltip } from '@mantine/core';
import type { Run } from '@regatta/contracts';

type Look = 'in-step' | 'lost' | 'joining';
const words: Record<Look, string> = { 'in-step': 'in step', lost: 'lost', joining: 'joining' };

/** A run's workers as small squares: filled = in step, hollow = lost, pulsing = joining. */
export function WorkerSquares({ run }: { run: Run }) {
  if (run.workers.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        none
      </Text>
    );
  }
  const look: Look = run.status === 'recovering' ? 'lost' : run.status === 'gathering' ? 'joining' : 'in-step';
  return (
    <Group gap={4} role="img" aria-label={`${run.workers.length} workers ${words[look]}`}>
      {run.workers.map(({ rank, host }) => (
        <Tooltip key={rank} label={`rank ${rank} on ${host}, ${words[look]}`}>
          <span className={`square ${look}`} />
        </Tooltip>
      ))}
    </Group>
  );
}

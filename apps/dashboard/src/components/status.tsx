import { Group, Text, Tooltip } from '@mantine/core';
import type { RunStatus } from '@regatta/contracts';
import { palette } from '../lib/palette.js';

/** A colour and a word, never a colour alone; red (vermilion) only for what needs a person. */
const looks: Record<RunStatus, { color: string; filled: boolean; pulse: boolean; help: string }> = {
  queued: { color: palette.grey, filled: false, pulse: false, help: 'Waits until enough workers are free' },
  gathering: {
    color: palette.sky,
    filled: false,
    pulse: true,
    help: 'Workers are joining; training starts when they are ready',
  },
  running: { color: palette.blue, filled: true, pulse: true, help: 'Training' },
  recovering: {
    color: palette.orange,
    filled: true,
    pulse: true,
    help: 'Workers came or went; it goes on by itself from the step it was at',
  },
  paused: { color: palette.purple, filled: true, pulse: false, help: 'Stopped at a checkpoint; holds no worker' },
  completed: {
    color: palette.green,
    filled: true,
    pulse: false,
    help: 'Done: its checkpoint and its model are stored',
  },
  failed: {
    color: palette.vermilion,
    filled: true,
    pulse: false,
    help: 'Stopped by an error; its page says what to do',
  },
  cancelled: { color: palette.grey, filled: true, pulse: false, help: 'Stopped by a person' },
};

export const statusColor = (status: RunStatus): string => looks[status].color;

export function Status({ status }: { status: RunStatus }) {
  const { color, filled, pulse, help } = looks[status];
  return (
    <Tooltip label={help}>
      <Group gap={8} wrap="nowrap" display="inline-flex">
        <span
          className={pulse ? 'dot pulse' : 'dot'}
          style={{ borderColor: color, background: filled ? color : 'transparent' }}
          aria-hidden
        />
        <Text span size="sm" data-status={status}>
          {status}
        </Text>
      </Group>
    </Tooltip>
  );
}

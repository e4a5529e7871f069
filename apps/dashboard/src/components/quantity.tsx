import { Box, Text, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';

interface QuantityProps {
  label: string;
  /** What the number is, for someone who does not know. */
  help: string;
  children: ReactNode;
  unit?: string;
  /** Something to compare it with, on a line of its own. */
  below?: string;
}

/** A number with its name, its unit and, on hover or focus, what it is. */
export function Quantity({ label, help, children, unit, below }: QuantityProps) {
  return (
    <Tooltip label={help} multiline maw={280} events={{ hover: true, focus: true, touch: true }}>
      <Box tabIndex={0} className="quantity">
        <Text size="xs" c="dimmed">
          {label}
        </Text>
        <Text fw={600} className="numbers">
          {children}
          {unit && (
            <Text span size="sm" c="dimmed" fw={400}>
              {' '}
              {unit}
            </Text>
          )}
        </Text>
        {below && (
          <Text size="xs" c="dimmed">
            {below}
          </Text>
        )}
      </Box>
    </Tooltip>
  );
}

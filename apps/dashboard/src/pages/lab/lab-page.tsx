import { Stack, Text, Title } from '@mantine/core';
import { Costs } from './costs-panel.js';
import { Encodings } from './encoding-panel.js';
import { Kernel } from './kernel-panel.js';
import { Masks } from './masks-panel.js';

/** Ideas behind attention to poke at: all of it is computed in the page. */
export function LabPage() {
  return (
    <Stack>
      <div>
        <Title order={1}>Lab</Title>
        <Text c="dimmed" size="sm">
          The ideas behind attention, to poke at. Everything here is computed in this page; no run is needed.
        </Text>
      </div>
      <Kernel />
      <Masks />
      <Encodings />
      <Costs />
    </Stack>
  );
}

import { Group, Slider, Text } from '@mantine/core';

/** Weight of the past in the moving average, 0 to 0.99. */
export function Smoothing({ value, onChange }: { value: number; onChange: (value: number) => void }) {
  return (
    <Group gap="xs" wrap="nowrap">
      <Text size="sm" id="smoothing">
        Smooth
      </Text>
      <Slider
        w={110}
        min={0}
        max={0.99}
        step={0.01}
        value={value}
        onChange={onChange}
        label={(weight) => weight.toFixed(2)}
        size="sm"
        thumbProps={{ 'aria-labelledby': 'smoothing' }}
      />
    </Group>
  );
}

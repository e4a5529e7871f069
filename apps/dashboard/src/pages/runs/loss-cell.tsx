import { Group, Text, Tooltip } from '@mantine/core';
import type { Run } from '@regatta/contracts';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { metricsQuery } from '../../api/queries.js';
import { Sparkline } from '../../components/sparkline.js';
import { fixed } from '../../lib/format.js';
import { lossOf } from '../../lib/metrics.js';
import { runColor } from '../../lib/palette.js';

/** The last loss beside its curve, with the trivial baseline as a thin line. */
export function LossCell({ run }: { run: Run }) {
  const { train, validation, baseline } = lossOf(run);
  const metrics = useQuery({ ...metricsQuery(run, train, 60), enabled: useRested() });
  const values = metrics.data?.find((series) => series.name === train)?.points.map((point) => point.value) ?? [];
  const held = run.metrics[validation];
  const last = held ?? run.metrics[train] ?? values.at(-1);
  const floor = run.metrics[baseline];
  const words = `${held == null ? 'Training' : 'Held-out'} loss of masked words, nats${floor == null ? '' : `; guessing by frequency alone: ${fixed(floor, 2)}`}`;
  return (
    <Tooltip label={words}>
      <Group gap="xs" wrap="nowrap" w="fit-content">
        <Text size="sm" className="numbers" w={44} ta="right">
          {fixed(last, 3)}
        </Text>
        <Sparkline values={values} baseline={floor} color={runColor(run.id)} label={`Loss of ${run.name}`} />
      </Group>
    </Tooltip>
  );
}

const restMs = 200;

/** True once it has been in sight for a moment: rows that are only scrolled past ask for nothing. */
function useRested(): boolean {
  const [rested, setRested] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setRested(true), restMs);
    return () => clearTimeout(timer);
  }, []);
  return rested;
}

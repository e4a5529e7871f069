import { Group, Slider, Text } from '@mantine/core';
import type { Run } from '@regatta/contracts';
import { useQuery } from '@tanstack/react-query';
import { checkpointsQuery, runQuery } from '../../api/queries.js';
import type { Model } from '../../api/types.js';
import { count } from '../../lib/format.js';
import { nearestStep } from './groups.js';

interface CheckpointSliderProps {
  model: Model;
  /** undefined: the model itself. */
  checkpoint: number | undefined;
  onChange: (step: number | undefined) => void;
}

/** How far the training had come when the model is asked. Nothing where its run kept one checkpoint alone, or is gone. */
export function CheckpointSlider({ model, ...slider }: CheckpointSliderProps) {
  const run = useQuery({ ...runQuery(model.runId ?? ''), enabled: model.runId !== null });
  return run.data ? <Steps run={run.data} model={model} {...slider} /> : null;
}

function Steps({ run, model, checkpoint, onChange }: CheckpointSliderProps & { run: Run }) {
  const kept = useQuery(checkpointsQuery(run));
  const steps = [...new Set([...(kept.data ?? []).map(({ step }) => step), model.step])].sort((a, b) => a - b);
  if (steps.length < 2) return null;
  const at = nearestStep(steps, checkpoint ?? model.step);
  return (
    <div style={{ flex: 1, minWidth: 220, maxWidth: 520 }}>
      <Group justify="space-between" gap="xs" mb={6}>
        <Text size="sm" fw={500} id="checkpoint">
          As of step
        </Text>
        <Text size="sm" className="numbers">
          {count(at)} of {count(steps.at(-1))}
        </Text>
      </Group>
      <Slider
        min={0}
        max={steps.length - 1}
        marks={steps.map((_, index) => ({ value: index }))}
        value={steps.indexOf(at)}
        onChange={(index) => onChange(steps[index] === model.step ? undefined : steps[index])}
        label={null}
        thumbProps={{ 'aria-labelledby': 'checkpoint', 'aria-valuetext': `step ${count(at)}` }}
      />
    </div>
  );
}

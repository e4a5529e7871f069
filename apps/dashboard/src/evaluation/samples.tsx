import { Select, Skeleton, Stack, Text } from '@mantine/core';
import type { Run } from '@regatta/contracts';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { samplesQuery } from '../api/queries.js';
import { Failure } from '../components/failure.js';
import { count } from '../lib/format.js';
import { Tables } from './tables.js';

/** What an evaluation found besides numbers; the newest one, or any earlier one to see how it changed. */
export function Samples({ run }: { run: Run }) {
  const samples = useQuery(samplesQuery(run));
  const [chosen, setChosen] = useState<string | null>(null);
  if (samples.isPending) return <Skeleton height={200} />;
  if (samples.error) return <Failure error={samples.error} onRetry={() => void samples.refetch()} />;
  const steps = [...new Set(samples.data.map(({ step }) => step))].sort((a, b) => b - a);
  if (steps.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        None yet: each evaluation leaves examples of what the model makes of held-out data here.
      </Text>
    );
  }
  const step = chosen === null ? steps[0] : Number(chosen);
  return (
    <Stack>
      {steps.length > 1 && (
        <Select
          label="Evaluation"
          w={220}
          data={steps.map((at) => ({ value: String(at), label: `after step ${count(at)}` }))}
          value={String(step)}
          onChange={setChosen}
          allowDeselect={false}
        />
      )}
      <Tables samples={samples.data.filter((sample) => sample.step === step)} />
    </Stack>
  );
}

import { Code, Select, Skeleton, Stack, Text, Title } from '@mantine/core';
import { type Run, type Samples as Sample, type SampleKind, signatures } from '@regatta/contracts';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { samplesQuery } from '../../../api/queries.js';
import { Failure } from '../../../components/failure.js';
import { count } from '../../../lib/format.js';
import { metricView } from '../../../lib/metrics.js';
import { ByLengthTable } from './by-length.js';
import { Confusion } from './confusion.js';
import { LabResult } from './lab-result.js';
import { PerLabelTable } from './per-label.js';
import { Predictions } from './predictions.js';

const titles: Record<SampleKind, string> = {
  predictions: 'Examples',
  'confusion-matrix': 'What is taken for what',
  'per-label': 'Label by label',
  'by-length': 'By the length of the source',
  signatures: 'How it was measured',
  lab: 'Result',
};
const kinds = Object.keys(titles) as SampleKind[];

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
  const shown = samples.data.filter((sample) => sample.step === step);
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
      {kinds.map((kind) => {
        const sample = shown.find((one) => one.kind === kind);
        return (
          sample && (
            <Stack key={kind} gap="xs">
              <Title order={kind === 'lab' ? 2 : 3}>{titles[kind]}</Title>
              <OneSample sample={sample} />
            </Stack>
          )
        );
      })}
    </Stack>
  );
}

function OneSample({ sample: { kind, data } }: { sample: Sample }) {
  switch (kind) {
    case 'predictions':
      return <Predictions data={data} />;
    case 'confusion-matrix':
      return <Confusion data={data} />;
    case 'per-label':
      return <PerLabelTable data={data} />;
    case 'by-length':
      return <ByLengthTable data={data} />;
    case 'signatures':
      return <Signatures data={data} />;
    case 'lab':
      return <LabResult data={data} />;
  }
}

/** sacreBLEU's lines, to be quoted with the scores. */
function Signatures({ data }: { data: unknown }) {
  return Object.entries(signatures.parse(data)).map(([name, signature]) => (
    <Text key={name} size="sm">
      {metricView(name).label}: <Code style={{ overflowWrap: 'anywhere' }}>{signature}</Code>
    </Text>
  ));
}

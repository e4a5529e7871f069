import { Code, Stack, Text, Title } from '@mantine/core';
import { type EvaluateResult, type SampleKind, signatures } from '@regatta/contracts';
import { metricView } from '../lib/metrics.js';
import { ByLengthTable } from './by-length.js';
import { Confusion } from './confusion.js';
import { LabResult } from './lab-result.js';
import { PerLabelTable } from './per-label.js';
import { Predictions } from './predictions.js';

type Sample = EvaluateResult['samples'][number];

const titles: Record<SampleKind, string> = {
  predictions: 'Examples',
  'confusion-matrix': 'What is taken for what',
  'per-label': 'Label by label',
  'by-length': 'By the length of the source',
  signatures: 'How it was measured',
  lab: 'Result',
};
const kinds = Object.keys(titles) as SampleKind[];

/** What one evaluation found besides numbers, each kind under its title. */
export function Tables({ samples }: { samples: readonly Sample[] }) {
  return kinds.map((kind) => {
    const sample = samples.find((one) => one.kind === kind);
    return (
      sample && (
        <Stack key={kind} gap="xs">
          <Title order={kind === 'lab' ? 2 : 3}>{titles[kind]}</Title>
          <OneSample sample={sample} />
        </Stack>
      )
    );
  });
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

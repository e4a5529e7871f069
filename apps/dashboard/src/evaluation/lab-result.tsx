import { Group, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { labResult, type LabResult as Result } from '@regatta/contracts';
import {
  EncodingColumns,
  EncodingPictures,
  KernelChart,
  KernelWeights,
  LengthChart,
  layerNames,
} from '../charts/lab-pictures.js';
import { Quantity } from '../components/quantity.js';
import { WideTable } from '../components/wide-table.js';
import { count, decimal, fixed } from '../lib/format.js';
import { palette } from '../lib/palette.js';

type Of<E extends Result['experiment']> = Extract<Result, { experiment: E }>;

/** The picture of an experiment, with the formula behind it. */
export function LabResult({ data }: { data: unknown }) {
  const result = labResult.parse(data);
  switch (result.experiment) {
    case 'nadaraya-watson':
      return <NadarayaWatson result={result} />;
    case 'positions':
      return <Positions result={result} />;
    case 'layer-comparison':
      return <Layers result={result} />;
  }
}

function NadarayaWatson({ result }: { result: Of<'nadaraya-watson'> }) {
  const { points, truth, before, after, weightsBefore, weightsAfter, w } = result;
  return (
    <Stack>
      <Text size="sm">
        f(q) = Σ softmax(−½ ((q − kᵢ) w)²) vᵢ: a weighted mean of the training values, by nearness. Learning w makes the
        kernel narrower, so the fit follows the points more closely and the weights gather near the diagonal.
      </Text>
      <Group>
        <Quantity label="Learnt w" help="Factor of the distance; the kernel's width is 1/w">
          {fixed(w, 3)}
        </Quantity>
      </Group>
      <KernelChart
        points={points}
        truth={truth}
        fits={[
          { label: 'w = 1', color: palette.sky, ...before, dash: true },
          { label: 'learnt w', color: palette.vermilion, ...after },
        ]}
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <KernelWeights title="Attention weights, w = 1" weights={weightsBefore} />
        <KernelWeights title="Attention weights, learnt" weights={weightsAfter} />
      </SimpleGrid>
    </Stack>
  );
}

function Positions({ result: { residual, ...pictures } }: { result: Of<'positions'> }) {
  const { offset, matrix } = pictures;
  return (
    <Stack>
      <Text size="sm">
        p(i, 2j) = sin(i / 10000^(2j/D)), p(i, 2j+1) = cos of the same. Moving on by {offset} is the same rotation R(
        {offset}) at every place, so a model can attend by distance; the largest error of that map is{' '}
        {decimal(residual, 2)}.
      </Text>
      <EncodingColumns matrix={matrix} />
      <EncodingPictures {...pictures} />
    </Stack>
  );
}

function Layers({ result: { layers } }: { result: Of<'layer-comparison'> }) {
  return (
    <Stack>
      <Text size="sm">
        The time of one layer against the length of the sequence, both as powers of ten. A slope of 1 is time in
        proportion to the length, 2 in proportion to its square. In sequence: what cannot be done at once. The path is
        how many steps a signal takes from one end to the other.
      </Text>
      <LengthChart
        label="Milliseconds against length"
        layers={layers.map(({ layer, points }) => ({
          layer,
          points: points.map(({ length, milliseconds }) => ({ length, value: milliseconds })),
          dots: true,
        }))}
        sayY={(value) => `${decimal(value, 2)} ms`}
      />
      <Text size="xs" c="dimmed">
        Milliseconds for one layer, by the number of tokens.
      </Text>
      <WideTable label="Layers" minWidth={520}>
        <Table fz="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Layer</Table.Th>
              <Table.Th>Operations</Table.Th>
              <Table.Th>In sequence</Table.Th>
              <Table.Th ta="right">Slope</Table.Th>
              <Table.Th ta="right">Path at the longest</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {layers.map(({ layer, complexity, sequentialOperations, slope, points }) => (
              <Table.Tr key={layer}>
                <Table.Td>{layerNames[layer]}</Table.Td>
                <Table.Td>{complexity}</Table.Td>
                <Table.Td>{sequentialOperations}</Table.Td>
                <Table.Td ta="right" className="numbers">
                  {fixed(slope, 2)}
                </Table.Td>
                <Table.Td ta="right" className="numbers">
                  {count(points.at(-1)?.pathLength)}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </WideTable>
    </Stack>
  );
}

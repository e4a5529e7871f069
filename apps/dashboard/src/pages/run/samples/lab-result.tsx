import { Group, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { labResult, type LabResult as Result } from '@regatta/contracts';
import { Chart } from '../../../charts/chart.js';
import { Picture } from '../../../charts/picture.js';
import { Quantity } from '../../../components/quantity.js';
import { WideTable } from '../../../components/wide-table.js';
import { count, decimal, fixed } from '../../../lib/format.js';
import { palette } from '../../../lib/palette.js';

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

const sayNumber = (value: number) => decimal(value, 3);
const normalised = (rows: number[][]): number[][] => {
  const greatest = Math.max(...rows.flat().map(Math.abs), 1e-12);
  return rows.map((row) => row.map((value) => Math.abs(value) / greatest));
};

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
      <Chart
        label="Kernel regression"
        curves={[
          { label: 'training points', color: palette.grey, ...points, dots: 'alone' },
          { label: 'true function', color: palette.green, ...truth },
          { label: 'w = 1', color: palette.sky, ...before, dash: true },
          { label: 'learnt w', color: palette.vermilion, ...after },
        ]}
        sayX={sayNumber}
        sayY={sayNumber}
        zoom={null}
        onZoom={() => undefined}
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Weights title="Attention weights, w = 1" weights={weightsBefore} />
        <Weights title="Attention weights, learnt" weights={weightsAfter} />
      </SimpleGrid>
    </Stack>
  );
}

function Weights({ title, weights }: { title: string; weights: number[][] }) {
  return (
    <div>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <Picture
        label={title}
        values={normalised(weights)}
        say={(row, column) => `query ${row + 1} on point ${column + 1}: ${decimal(weights[row][column], 3)}`}
        rowsLabel="queries from left to right of the curve"
        columnsLabel="training points in the same order"
      />
    </div>
  );
}

function Positions({ result: { matrix, offset, map, residual } }: { result: Of<'positions'> }) {
  const dimensions = matrix[0]?.length ?? 0;
  const places = matrix.map((_, position) => position);
  const shown = [0, 1, 4, 5, 8, 9].filter((dimension) => dimension < dimensions);
  const colors = Object.values(palette);
  return (
    <Stack>
      <Text size="sm">
        p(i, 2j) = sin(i / 10000^(2j/D)), p(i, 2j+1) = cos of the same. Moving on by {offset} is the same rotation R(
        {offset}) at every place, so a model can attend by distance; the largest error of that map is{' '}
        {decimal(residual, 2)}.
      </Text>
      <Chart
        label="Columns of the encoding"
        curves={shown.map((dimension, index) => ({
          label: `dimension ${dimension}`,
          color: colors[index % colors.length],
          x: places,
          y: matrix.map((row) => row[dimension]),
        }))}
        whole
        sayX={count}
        sayY={sayNumber}
        zoom={null}
        onZoom={() => undefined}
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <div>
          <Text size="sm" fw={600}>
            The encoding
          </Text>
          <Picture
            label="The encoding"
            values={matrix.map((row) => row.map((value) => (value + 1) / 2))}
            say={(row, column) => `place ${row}, dimension ${column}: ${fixed(matrix[row][column], 3)}`}
            rowsLabel="place"
            columnsLabel="dimension"
          />
        </div>
        <div>
          <Text size="sm" fw={600}>
            The map R({offset})
          </Text>
          <Picture
            label={`The map R(${offset})`}
            values={normalised(map)}
            say={(row, column) => `from dimension ${column} to ${row}: ${fixed(map[row][column], 3)}`}
            rowsLabel="to dimension"
            columnsLabel="from dimension"
          />
        </div>
      </SimpleGrid>
    </Stack>
  );
}

const layerNames = { 'self-attention': 'Self-attention', rnn: 'Recurrent (GRU)', cnn: 'Convolution' };
const layerColors = { 'self-attention': palette.blue, rnn: palette.orange, cnn: palette.green };

function Layers({ result: { layers } }: { result: Of<'layer-comparison'> }) {
  return (
    <Stack>
      <Text size="sm">
        The time of one layer against the length of the sequence, both as powers of ten. A slope of 1 is time in
        proportion to the length, 2 in proportion to its square. In sequence: what cannot be done at once. The path is
        how many steps a signal takes from one end to the other.
      </Text>
      <Chart
        label="Milliseconds against length"
        curves={layers.map(({ layer, points }) => ({
          label: layerNames[layer],
          color: layerColors[layer],
          x: points.map(({ length }) => Math.log10(length)),
          y: points.map(({ milliseconds }) => milliseconds),
          dots: true,
        }))}
        ticks={layers[0]?.points.map(({ length }) => Math.log10(length))}
        sayX={(value) => count(10 ** value)}
        sayY={(value) => `${decimal(value, 2)} ms`}
        log
        zoom={null}
        onZoom={() => undefined}
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

import { SimpleGrid, Text } from '@mantine/core';
import type { LabResult } from '@regatta/contracts';
import { count, decimal, fixed } from '../lib/format.js';
import { palette } from '../lib/palette.js';
import { Chart, type Curve } from './chart.js';
import { Picture } from './picture.js';

type Of<E extends LabResult['experiment']> = Extract<LabResult, { experiment: E }>;
type Points = Of<'nadaraya-watson'>['points'];

const sayNumber = (value: number) => decimal(value, 3);
const unzoomed = { zoom: null, onZoom: () => undefined };

/** Absolute values as shares of the greatest. */
const normalised = (rows: number[][]): number[][] => {
  const greatest = Math.max(...rows.flat().map(Math.abs), 1e-12);
  return rows.map((row) => row.map((value) => Math.abs(value) / greatest));
};

interface NamedPictureProps {
  title: string;
  values: number[][];
  say: (row: number, column: number) => string;
  rowsLabel: string;
  columnsLabel: string;
}

/** A matrix of any numbers with its name above: the further from 0, the bluer. */
export function NamedPicture({ title, values, ...picture }: NamedPictureProps) {
  return (
    <div>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <Picture label={title} values={normalised(values)} {...picture} />
    </div>
  );
}

/** Attention weights [query][point] of a kernel regression. */
export function KernelWeights({ title, weights }: { title: string; weights: number[][] }) {
  return (
    <NamedPicture
      title={title}
      values={weights}
      say={(row, column) => `query ${row + 1} on point ${column + 1}: ${decimal(weights[row][column], 3)}`}
      rowsLabel="queries from left to right of the curve"
      columnsLabel="training points in the same order"
    />
  );
}

/** Training points, the function behind them, and what was fitted. */
export function KernelChart({ points, truth, fits }: { points: Points; truth: Points; fits: Curve[] }) {
  return (
    <Chart
      label="Kernel regression"
      curves={[
        { label: 'training points', color: palette.grey, ...points, dots: 'alone' },
        { label: 'true function', color: palette.green, ...truth },
        ...fits,
      ]}
      sayX={sayNumber}
      sayY={sayNumber}
      {...unzoomed}
    />
  );
}

/** Some columns of an encoding of positions against the place. */
export function EncodingColumns({ matrix }: { matrix: number[][] }) {
  const dimensions = matrix[0]?.length ?? 0;
  const places = matrix.map((_, position) => position);
  const shown = [0, 1, 4, 5, 8, 9].filter((dimension) => dimension < dimensions);
  const colors = Object.values(palette);
  return (
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
      {...unzoomed}
    />
  );
}

/** An encoding of positions, and the map that moves every place on by an offset. */
export function EncodingPictures({ matrix, offset, map }: Pick<Of<'positions'>, 'matrix' | 'offset' | 'map'>) {
  return (
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
      <NamedPicture
        title={`The map R(${offset})`}
        values={map}
        say={(row, column) => `from dimension ${column} to ${row}: ${fixed(map[row][column], 3)}`}
        rowsLabel="to dimension"
        columnsLabel="from dimension"
      />
    </SimpleGrid>
  );
}

type Layer = Of<'layer-comparison'>['layers'][number]['layer'];
export const layerNames: Record<Layer, string> = {
  'self-attention': 'Self-attention',
  rnn: 'Recurrent (GRU)',
  cnn: 'Convolution',
};
const layerColors: Record<Layer, string> = {
  'self-attention': palette.blue,
  rnn: palette.orange,
  cnn: palette.green,
};

interface LengthChartProps {
  label: string;
  layers: { layer: Layer; points: { length: number; value: number }[]; dots?: boolean }[];
  sayY: (value: number) => string;
}

/** Something of each kind of layer against the length of the sequence, both as powers of ten. */
export function LengthChart({ label, layers, sayY }: LengthChartProps) {
  return (
    <Chart
      label={label}
      curves={layers.map(({ layer, points, dots }) => ({
        label: layerNames[layer],
        color: layerColors[layer],
        x: points.map(({ length }) => Math.log10(length)),
        y: points.map(({ value }) => value),
        dots,
      }))}
      ticks={layers[0]?.points.map(({ length }) => Math.log10(length))}
      sayX={(value) => count(10 ** value)}
      sayY={sayY}
      log
      {...unzoomed}
    />
  );
}

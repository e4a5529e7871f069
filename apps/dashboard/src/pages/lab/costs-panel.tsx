import { SimpleGrid, Table, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { LengthChart, layerNames } from '../../charts/lab-pictures.js';
import { WideTable } from '../../components/wide-table.js';
import { compact, count } from '../../lib/format.js';
import { layerCosts, type Sizes } from './costs.js';
import { Idea, Knob } from './idea.js';

const lengths = [4, 16, 64, 256, 1024, 4096];

/** What the three kinds of layers cost, and how far a signal has to go in them. */
export function Costs() {
  const [power, setPower] = useState(6);
  const [k, setK] = useState(3);
  const sizes = useMemo(() => ({ d: 2 ** power, k }), [power, k]);
  return (
    <Idea
      title="What layers cost, and how far a signal goes"
      formula="self-attention O(n²·d), recurrence O(n·d²), convolution O(k·n·d²)"
      controls={
        <>
          <Knob
            label="Width, d"
            value={power}
            onChange={setPower}
            min={4}
            max={10}
            say={(value) => count(2 ** value)}
          />
          <Knob label="Kernel of the convolution, k" value={k} onChange={setK} min={3} max={15} step={2} />
        </>
      }
      pictures={
        <>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <Lengths title="Operations of one layer" sizes={sizes} of="operations" sayY={compact} />
            <Lengths title="Steps from one end to the other" sizes={sizes} of="pathLength" sayY={count} />
          </SimpleGrid>
          <WideTable label="Layers" minWidth={420}>
            <Table fz="sm">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Layer</Table.Th>
                  <Table.Th>Operations</Table.Th>
                  <Table.Th>In sequence</Table.Th>
                  <Table.Th>Longest path</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {layerCosts.map(({ layer, complexity, sequential, path }) => (
                  <Table.Tr key={layer}>
                    <Table.Td>{layerNames[layer]}</Table.Td>
                    <Table.Td>{complexity}</Table.Td>
                    <Table.Td>{sequential}</Table.Td>
                    <Table.Td>{path}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </WideTable>
        </>
      }
      run={{ preset: 'layer-comparison', label: 'Measure it on your machine' }}
    >
      Self-attention compares every word with every other: its cost grows with the square of the length, but any two
      words are one step apart. A recurrent layer is cheap for long texts and has to take their words one after another,
      a convolution sees k words at once and needs many layers to see far (Vaswani et al., 2017, table 1).
    </Idea>
  );
}

interface LengthsProps {
  title: string;
  sizes: Sizes;
  of: 'operations' | 'pathLength';
  sayY: (value: number) => string;
}

function Lengths({ title, sizes, of, sayY }: LengthsProps) {
  const layers = useMemo(
    () =>
      layerCosts.map((cost) => ({
        layer: cost.layer,
        points: lengths.map((length) => ({ length, value: cost[of](length, sizes) })),
      })),
    [sizes, of],
  );
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>
        {title}
      </Text>
      <LengthChart label={`${title} against length`} layers={layers} sayY={sayY} />
      <Text size="xs" c="dimmed">
        By the number of words, n; both as powers of ten.
      </Text>
    </div>
  );
}

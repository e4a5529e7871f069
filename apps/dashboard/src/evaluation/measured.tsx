import { Table, Text } from '@mantine/core';
import { WideTable } from '../components/wide-table.js';
import { metricsOf, metricView } from '../lib/metrics.js';

interface MeasuredProps {
  /** By name behind `validation.`, and what is reached without a model behind `validation.baseline.`. */
  metrics: Record<string, number | null>;
}

/** What a model reached, beside what is reached without one where that was measured too. */
export function Measured({ metrics }: MeasuredProps) {
  const names = metricsOf(Object.keys(metrics).filter((name) => name.startsWith('validation.')));
  const compared = names.some((name) => `validation.baseline.${name}` in metrics);
  return (
    <WideTable label="Measures" minWidth={320}>
      <Table fz="sm" verticalSpacing={4} maw={720}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w="30%">Measure</Table.Th>
            <Table.Th ta="right">Model</Table.Th>
            {compared && <Table.Th ta="right">Without a model</Table.Th>}
            <Table.Th visibleFrom="sm">What it is</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {names.map((name) => {
            const { label, unit, say, help } = metricView(name);
            const told = (value: number | null | undefined) =>
              `${say(value)}${unit && value != null ? ` ${unit}` : ''}`;
            return (
              <Table.Tr key={name}>
                <Table.Td>{label}</Table.Td>
                <Table.Td ta="right" className="numbers">
                  {told(metrics[`validation.${name}`])}
                </Table.Td>
                {compared && (
                  <Table.Td ta="right" className="numbers">
                    {told(metrics[`validation.baseline.${name}`])}
                  </Table.Td>
                )}
                <Table.Td visibleFrom="sm">
                  <Text size="xs" c="dimmed">
                    {help}
                  </Text>
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </WideTable>
  );
}

import { Table, Text } from '@mantine/core';
import { predictionSamples } from '@regatta/contracts';
import { WideTable } from '../components/wide-table.js';

/** Held-out examples, what was expected and what the model said. */
export function Predictions({ data }: { data: unknown }) {
  const examples = predictionSamples.parse(data);
  return (
    <WideTable label="Examples" minWidth={560} maxHeight={560}>
      <Table verticalSpacing="xs" fz="sm" layout="fixed" stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w="42%">Given</Table.Th>
            <Table.Th>Expected</Table.Th>
            <Table.Th>Predicted</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {examples.map(({ input, expected, predicted, correct }, index) => (
            <Table.Tr key={index} style={{ verticalAlign: 'top' }}>
              <Table.Td dir="auto" style={{ overflowWrap: 'anywhere' }}>
                <Text size="sm" lineClamp={4}>
                  {input}
                </Text>
              </Table.Td>
              <Table.Td dir="auto" style={{ overflowWrap: 'anywhere' }}>
                {expected}
              </Table.Td>
              <Table.Td dir="auto" style={{ overflowWrap: 'anywhere' }}>
                {predicted === '' ? (
                  <Text span c="dimmed">
                    nothing
                  </Text>
                ) : (
                  predicted
                )}
                {correct !== null && (
                  <Text span size="xs" c="dimmed">
                    {correct ? ' ✓ right' : ' ✗ wrong'}
                  </Text>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </WideTable>
  );
}

import { Table } from '@mantine/core';
import { perLabel } from '@regatta/contracts';
import { WideTable } from '../components/wide-table.js';
import { count, percent } from '../lib/format.js';

/** Precision, recall and F1 of each label, the most frequent first. */
export function PerLabelTable({ data }: { data: unknown }) {
  const labels = perLabel.parse(data).sort((a, b) => b.support - a.support);
  return (
    <WideTable label="Label by label" minWidth={420} maxHeight={420}>
      <Table fz="sm" stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Label</Table.Th>
            <Table.Th ta="right">Precision</Table.Th>
            <Table.Th ta="right">Recall</Table.Th>
            <Table.Th ta="right">F1</Table.Th>
            <Table.Th ta="right">Examples</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {labels.map(({ label, precision, recall, f1, support }) => (
            <Table.Tr key={label}>
              <Table.Td>{label}</Table.Td>
              {[precision, recall, f1].map((value, index) => (
                <Table.Td key={index} ta="right" className="numbers">
                  {percent(value)}
                </Table.Td>
              ))}
              <Table.Td ta="right" className="numbers">
                {count(support)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </WideTable>
  );
}

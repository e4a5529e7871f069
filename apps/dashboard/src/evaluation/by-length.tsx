import { Progress, Table } from '@mantine/core';
import { byLength } from '@regatta/contracts';
import { WideTable } from '../components/wide-table.js';
import { count, fixed, percent } from '../lib/format.js';

/** Quality of the translations by the number of tokens of the source. */
export function ByLengthTable({ data }: { data: unknown }) {
  return (
    <WideTable label="By the length of the source" minWidth={380}>
      <Table fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Tokens</Table.Th>
            <Table.Th ta="right">Examples</Table.Th>
            <Table.Th ta="right">BLEU</Table.Th>
            <Table.Td visibleFrom="xs" w="35%" />
            <Table.Th ta="right">Exactly right</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {byLength.parse(data).map(({ from, to, examples, bleu, exact }) => (
            <Table.Tr key={from}>
              <Table.Td className="numbers">{to === null ? `${from} and more` : `${from} to ${to - 1}`}</Table.Td>
              <Table.Td ta="right" className="numbers">
                {count(examples)}
              </Table.Td>
              <Table.Td ta="right" className="numbers">
                {fixed(bleu, 1)}
              </Table.Td>
              <Table.Td visibleFrom="xs">
                <Progress value={bleu} aria-label={`BLEU ${fixed(bleu, 1)} of 100`} />
              </Table.Td>
              <Table.Td ta="right" className="numbers">
                {percent(exact)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </WideTable>
  );
}

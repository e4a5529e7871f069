import { Code, Stack, Table, Text } from '@mantine/core';
import type { Run } from '@regatta/contracts';
import { AsCode } from '../../components/as-code.js';
import { versionsOf } from './versions.js';

/** All that is needed to get the same weights again, and to see that they are the same. */
export function Reproduce({ run }: { run: Run }) {
  const body = { ...run.config, ...(run.dataset && { dataset: `${run.dataset.name}@${run.dataset.version}` }) };
  const facts: [string, string | null | undefined][] = [
    ['Seed', String(run.config.seed ?? '–')],
    ['Dataset', run.dataset && `${run.dataset.name}, version ${run.dataset.version}`],
    ['Dataset, SHA-256', run.dataset?.sha256],
    ['Base model', run.base && `${run.base.name} (${run.base.id})`],
    ...versionsOf(run),
    ['Weights, SHA-256', run.weightsSha256],
  ];
  return (
    <Stack>
      <Text size="sm">
        The same configuration, dataset and seed give the same weights to the last bit on the same kind of machine,
        whatever the number of workers and however often one was lost.
      </Text>
      <Table verticalSpacing={4} fz="sm" maw={820}>
        <Table.Tbody>
          {facts.map(
            ([label, value]) =>
              value && (
                <Table.Tr key={label}>
                  <Table.Td c="dimmed" w={170}>
                    {label}
                  </Table.Td>
                  <Table.Td>
                    <Code style={{ overflowWrap: 'anywhere' }}>{value}</Code>
                  </Table.Td>
                </Table.Tr>
              ),
          )}
        </Table.Tbody>
      </Table>
      <AsCode body={body} />
    </Stack>
  );
}

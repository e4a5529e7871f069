import { Table, Text } from '@mantine/core';
import { duration, percent } from '../../lib/format.js';
import type { RunFeed } from '../../live/run-feed.js';
import { stepParts } from './step-parts.js';

/** Where a step of each rank goes, part by part; nothing until a rank has told it. */
export function StepProfile({ ranks, feed }: { ranks: number[]; feed: RunFeed }) {
  const columns = ranks.map((rank) => ({ rank, parts: stepParts(feed, rank) })).filter(({ parts }) => parts.length > 0);
  const [first] = columns;
  if (!first) return null;
  return (
    <Table.ScrollContainer minWidth={0} mt="sm">
      <Table fz="xs" verticalSpacing={2} aria-label="Where a step goes">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>A step</Table.Th>
            {columns.map(({ rank }) => (
              <Table.Th key={rank} ta="right">
                rank {rank}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {first.parts.map(({ name }, i) => (
            <Table.Tr key={name}>
              <Table.Td>{name}</Table.Td>
              {columns.map(({ rank, parts }) => {
                const ms = parts[i]?.ms ?? 0;
                const whole = parts.reduce((sum, part) => sum + part.ms, 0);
                return (
                  <Table.Td key={rank} ta="right" className="numbers">
                    {duration(ms / 1000)}{' '}
                    <Text span c="dimmed" fz="xs">
                      {percent(whole > 0 ? ms / whole : null)}
                    </Text>
                  </Table.Td>
                );
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

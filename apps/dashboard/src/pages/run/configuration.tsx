import { Badge, Group, Switch, Table, Text } from '@mantine/core';
import type { Run } from '@regatta/contracts';
import { useState } from 'react';
import { words } from '../../lib/format.js';
import { isGroup } from '../../lib/nested.js';
import { defaultsFor } from './defaults.js';

type Fields = [name: string, value: unknown][];

/** The complete configuration, a group each; what differs from the defaults stands out, and can stand alone. */
export function Configuration({ run: { config } }: { run: Run }) {
  const [only, setOnly] = useState(false);
  const defaults = defaultsFor(config);
  const changed = (path: string, value: unknown): boolean =>
    defaults !== undefined && path in defaults && JSON.stringify(defaults[path]) !== JSON.stringify(value);
  const entries = Object.entries(config);
  const groups: [string, Fields][] = [
    ['general', entries.filter(([, value]) => !isGroup(value))],
    ...entries.flatMap(([name, value]): [string, Fields][] => (isGroup(value) ? [[name, Object.entries(value)]] : [])),
  ];
  const pathOf = (group: string, field: string) => (group === 'general' ? field : `${group}.${field}`);
  const shown = groups
    .map(([group, fields]): [string, Fields] => [
      group,
      only ? fields.filter(([field, value]) => changed(pathOf(group, field), value)) : fields,
    ])
    .filter(([, fields]) => fields.length > 0);
  return (
    <>
      <Switch
        size="sm"
        mb="md"
        label="Only what differs from the defaults"
        checked={only}
        onChange={(event) => setOnly(event.currentTarget.checked)}
      />
      {shown.length === 0 && (
        <Text size="sm" c="dimmed">
          Everything is as it is by default.
        </Text>
      )}
      <div style={{ columns: '300px', columnGap: 32 }}>
        {shown.map(([group, fields]) => (
          <div key={group} style={{ breakInside: 'avoid', marginBottom: 16 }}>
            <Text fw={600} size="sm" mb={4}>
              {words(group)}
            </Text>
            <Table verticalSpacing={3} fz="sm">
              <Table.Tbody>
                {fields.map(([field, value]) => {
                  const path = pathOf(group, field);
                  return (
                    <Table.Tr key={field}>
                      <Table.Td c="dimmed">{field}</Table.Td>
                      <Table.Td className="numbers" style={{ whiteSpace: 'normal', overflowWrap: 'anywhere' }}>
                        <Group gap={6}>
                          <Text span inherit fw={changed(path, value) ? 700 : undefined}>
                            {said(value)}
                          </Text>
                          {changed(path, value) && (
                            <Badge variant="default" size="xs" tt="none">
                              default {said(defaults?.[path])}
                            </Badge>
                          )}
                        </Group>
                      </Table.Td>
                    </Table.Tr>
                  );
                })}
              </Table.Tbody>
            </Table>
          </div>
        ))}
      </div>
    </>
  );
}

const said = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'none'));

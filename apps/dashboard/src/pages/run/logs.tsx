import { Group, ScrollArea, Select, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { answer } from '@regatta/client';
import { type LogLevel, logLevels, type Run } from '@regatta/contracts';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../api/client.js';
import { isFinished } from '../../api/queries.js';
import { Failure } from '../../components/failure.js';
import { clock } from '../../lib/format.js';

const shown = 200;
const colors: Partial<Record<LogLevel, string>> = {
  warn: 'orange',
  error: 'var(--mantine-color-error)',
  fatal: 'var(--mantine-color-error)',
};

/** What the workers logged about the run, the newest lines first; searched by the API, so that all kept lines count. */
export function Logs({ run }: { run: Run }) {
  const [typed, setTyped] = useState('');
  const [level, setLevel] = useState<LogLevel | null>(null);
  const [text] = useDebouncedValue(typed, 250);
  const query = { text: text || undefined, level: level ?? undefined, sort: '-time' as const, limit: shown };
  const logs = useQuery({
    queryKey: ['logs', run.id, query, isFinished(run)],
    queryFn: async () =>
      (await answer(client.GET('/api/v1/runs/{id}/logs', { params: { path: { id: run.id }, query } }))).items,
    placeholderData: keepPreviousData,
    refetchInterval: isFinished(run) ? false : 2000,
  });
  if (logs.error && !logs.data) return <Failure error={logs.error} onRetry={() => void logs.refetch()} />;
  const filtered = text !== '' || level !== null;
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <TextInput
          aria-label="Search the log"
          placeholder="Search the log"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          maxLength={200}
          onChange={(event) => setTyped(event.currentTarget.value)}
          flex="1 1 200px"
        />
        <Select
          aria-label="Level"
          placeholder="Any level"
          data={logLevels.map((value) => ({ value, label: `${value} and graver` }))}
          value={level}
          onChange={(value) => setLevel(value as LogLevel | null)}
          clearable
          clearButtonProps={{ 'aria-label': 'Any level' }}
          w={180}
        />
      </Group>
      {!logs.data ? (
        <Skeleton height={200} />
      ) : logs.data.length === 0 ? (
        <Text size="sm" c="dimmed">
          {filtered ? 'No line matches.' : 'Nothing was logged yet: lines appear here when workers join.'}
        </Text>
      ) : (
        <ScrollArea.Autosize
          mah={420}
          viewportProps={{ tabIndex: 0, role: 'log', 'aria-label': 'Log, newest first', 'aria-live': 'off' }}
        >
          <table className="log" data-testid="log">
            <tbody>
              {logs.data.map((line) => (
                <tr key={line.id}>
                  <td title={new Date(line.time).toLocaleString()}>{clock(new Date(line.time))}</td>
                  <td style={{ color: colors[line.level] }}>{line.level}</td>
                  <td title={`${line.worker}, ${line.source}`}>{line.rank === null ? '' : `rank ${line.rank}`}</td>
                  <td>{line.text}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollArea.Autosize>
      )}
      {logs.data?.length === shown && (
        <Text size="xs" c="dimmed">
          The newest {shown} lines{filtered ? ' that match' : ''}; search to find earlier ones.
        </Text>
      )}
    </Stack>
  );
}

import { Button, Paper, Text, Timeline, Title, Tooltip } from '@mantine/core';
import { useToggle } from '@mantine/hooks';
import type { Run } from '@regatta/contracts';
import { clock, count } from '../../lib/format.js';
import type { FeedEvent } from '../../live/run-feed.js';

/** Red only for what needs a person; orange for what mended itself. */
const colors: Record<string, string> = {
  failed: '#d55e00',
  'determinism-alarm': '#d55e00',
  'worker-lost': '#e69f00',
  recovering: '#e69f00',
  warning: '#e69f00',
  fault: '#e69f00',
  completed: '#009e73',
  resumed: '#009e73',
};
const few = 6;
/** Steady news, that would bury the rest. */
const quiet = new Set(['checkpoint']);

/** What happened to the run, newest first, in the words of its ledger. */
export function Ledger({ run, events }: { run: Run; events: FeedEvent[] }) {
  const [all, toggle] = useToggle([false, true]);
  const newest = [...events].reverse();
  const shown = all ? newest : newest.filter(({ type }) => !quiet.has(type)).slice(0, few);
  return (
    <Paper className="panel" p="md">
      <Title order={2} mb="sm">
        What happened
      </Title>
      {events.length === 0 && (
        <Text size="sm" c="dimmed">
          {run.status === 'queued' ? 'It waits for its turn.' : 'Nothing yet.'}
        </Text>
      )}
      <Timeline active={shown.length} bulletSize={12} lineWidth={2} data-testid="ledger">
        {shown.map((event) => (
          <Timeline.Item key={event.id} mt="sm" color={colors[event.type] ?? 'gray'}>
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {event.message}
            </Text>
            <Tooltip label={new Date(event.time).toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' })}>
              <Text size="xs" c="dimmed" span>
                {clock(new Date(event.time))}, step {count(event.step)}
              </Text>
            </Tooltip>
          </Timeline.Item>
        ))}
      </Timeline>
      {events.length > shown.length || all ? (
        <Button variant="subtle" size="compact-sm" mt="sm" onClick={() => toggle()}>
          {all ? 'Show less' : `Show all ${events.length}`}
        </Button>
      ) : null}
    </Paper>
  );
}

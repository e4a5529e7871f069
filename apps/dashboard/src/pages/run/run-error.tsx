import { Alert, Code, Stack, Text } from '@mantine/core';
import type { ErrorCode, Run } from '@regatta/contracts';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { checkpointsQuery } from '../../api/queries.js';
import { clock } from '../../lib/format.js';
import type { FeedEvent } from '../../live/run-feed.js';
import { ForkRun } from './fork-run.js';

/** What a person can do about it, by the error's code. */
const advice: Partial<Record<ErrorCode, string>> = {
  'disk-full': 'Free space where the artifacts are stored, then run it again: it can take up the same configuration.',
  'invalid-file': 'Look at the dataset: its file could not be read. Upload a corrected one and run it again.',
  'not-finite': 'The loss was no longer a number. Run it again with a smaller learning rate or more warm-up steps.',
  'checkpoint-corrupt': 'Its checkpoints did not verify. Check the storage of the artifacts, then run it again.',
  'fingerprint-mismatch':
    'Its workers differ in version or processor. Bring them to the same version and run it again.',
  disagreement: 'Its workers did not compute the same. Check the machines; then run it again on like ones.',
  engine: 'The model could not be computed. A smaller model or batch may fit; the last lines below say more.',
  unavailable: 'Something it needs was away. Check Redis and the workers, then run it again.',
};
const otherwise = 'The last lines below say what led to it. “Run again” opens the form with the same configuration.';

/** A failed run's page starts with this: the sentence, what to do, the last lines of its ledger. */
export function RunError({ run, events }: { run: Run; events: FeedEvent[] }) {
  const checkpoints = useQuery({ ...checkpointsQuery(run), enabled: run.error !== null });
  const newest = Math.max(0, ...(checkpoints.data ?? []).map(({ step }) => step));
  if (!run.error) return null;
  return (
    <Alert
      styles={{ body: { minWidth: 0 } }}
      color="red"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      title={asSentence(run.error.message)}
      role="alert"
    >
      <Stack gap="xs">
        <Text size="sm">{advice[run.error.code as ErrorCode] ?? otherwise}</Text>
        {newest > 0 && (
          <div>
            <ForkRun run={run} step={newest} />
          </div>
        )}
        {events.length > 0 && (
          <Code block tabIndex={0} style={{ whiteSpace: 'pre-wrap' }}>
            {events
              .slice(-5)
              .map((event) => `${clock(new Date(event.time))}  ${event.message}`)
              .join('\n')}
          </Code>
        )}
      </Stack>
    </Alert>
  );
}

const asSentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

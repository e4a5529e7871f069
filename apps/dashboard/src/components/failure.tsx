import { Alert, Button, List, Stack, Text } from '@mantine/core';
import { ProblemError, UnreachableError } from '@regatta/client';
import { IconAlertTriangle } from '@tabler/icons-react';

/** What a call's error says, in one sentence. */
export const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));

interface FailureProps {
  error: unknown;
  title?: string;
  onRetry?: () => void;
}

/** A call that failed: the API's own sentence and the fields it names. An API that is away has its bar instead. */
export function Failure({ error, title = 'That did not work', onRetry }: FailureProps) {
  if (error instanceof UnreachableError) return null;
  const said = sentence(error);
  const all = error instanceof ProblemError ? error.errors : [];
  // One field is mostly in the sentence already.
  const fields = all.length === 1 && said.includes(all[0].message.replace(/\.$/, '')) ? [] : all;
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} title={title} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{said}</Text>
        {fields.length > 0 && (
          <List size="sm">
            {fields.map(({ path, message }) => (
              <List.Item key={path + message}>
                <b>{path}</b> {message}
              </List.Item>
            ))}
          </List>
        )}
        {onRetry && (
          <Button size="xs" variant="default" onClick={onRetry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

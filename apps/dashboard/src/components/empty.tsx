import { Button, Code, CopyButton, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import type { ReactNode } from 'react';

/** A command to copy. */
export function Command({ children }: { children: string }) {
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start" maw="100%">
      <Code block className="command" tabIndex={0}>
        {children}
      </Code>
      <CopyButton value={children}>
        {({ copied, copy }) => (
          <Button
            variant="default"
            size="xs"
            onClick={copy}
            leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
            style={{ flexShrink: 0 }}
          >
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </Group>
  );
}

interface EmptyProps {
  title: string;
  /** One sentence that teaches. */
  children: ReactNode;
  /** One button. */
  action?: ReactNode;
  /** One command to copy. */
  command?: string;
}

/** What a page says when it has nothing to show: one sentence, one button, one command. */
export function Empty({ title, children, action, command }: EmptyProps) {
  return (
    <Paper className="panel" p="xl">
      <Stack align="center" gap="md" maw={640} mx="auto" py="lg">
        <Title order={2}>{title}</Title>
        <Text ta="center">{children}</Text>
        {action}
        {command && <Command>{command}</Command>}
      </Stack>
    </Paper>
  );
}

import { ActionIcon, Code, CopyButton, Paper, Stack, Text, Title, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import type { ReactNode } from 'react';

/** A command to copy. */
export function Command({ children }: { children: string }) {
  return (
    <div className="command">
      <Code block tabIndex={0}>
        {children}
      </Code>
      <CopyButton value={children}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? 'Copied' : 'Copy'}>
            <ActionIcon variant="default" onClick={copy} aria-label={copied ? 'Copied' : 'Copy'}>
              {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </div>
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
  /** The title is the page's own. */
  alone?: boolean;
}

/** What a page says when it has nothing to show: one sentence, one button, one command. */
export function Empty({ title, children, action, command, alone = false }: EmptyProps) {
  return (
    <Paper className="panel" p="xl">
      <Stack align="center" gap="md" maw={640} mx="auto" py="lg">
        <Title order={alone ? 1 : 2}>{title}</Title>
        <Text ta="center">{children}</Text>
        {action}
        {command && <Command>{command}</Command>}
      </Stack>
    </Paper>
  );
}

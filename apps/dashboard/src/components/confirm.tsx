import { Button, type ButtonProps, Group, Modal, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';

interface ConfirmProps extends ButtonProps {
  /** What the button says, before and in the question. */
  action: string;
  title: string;
  /** What will be lost. */
  children: ReactNode;
  onConfirm: () => void;
}

/** A button for what can't be undone: says what will be lost and asks once. */
export function Confirm({ action, title, children, onConfirm, ...button }: ConfirmProps) {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" {...button} onClick={open}>
        {action}
      </Button>
      <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
        <Text size="sm" mb="md">
          {children}
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            Keep it
          </Button>
          <Button
            color="red"
            onClick={() => {
              close();
              onConfirm();
            }}
          >
            {action}
          </Button>
        </Group>
      </Modal>
    </>
  );
}

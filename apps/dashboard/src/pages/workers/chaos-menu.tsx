import { ActionIcon, Menu, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { answer } from '@regatta/client';
import { type FaultKind, faultKinds, faults } from '@regatta/contracts';
import { IconBolt } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { client } from '../../api/client.js';
import { sentence } from '../../components/failure.js';

interface ChaosMenuProps {
  workerId: string;
  /** Whether it holds a rank: most faults happen to a trainer. */
  hasRank: boolean;
}

/** What can be done to a worker on purpose; shown only where it takes that (CHAOS=1). */
export function ChaosMenu({ workerId, hasRank }: ChaosMenuProps) {
  const cause = useMutation({
    mutationFn: (fault: FaultKind) =>
      answer(
        client.POST('/api/v1/workers/{worker}/chaos', {
          params: { path: { worker: workerId } },
          body: { fault } as never,
        }),
      ),
    onSuccess: (_, fault) => notifications.show({ message: `${fault}: the worker has heard it` }),
    onError: (error) => notifications.show({ color: 'red', title: 'Nothing happened', message: sentence(error) }),
  });
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`Cause a fault at worker ${workerId}`}>
          <IconBolt size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown maw={360}>
        <Menu.Label>Faults on purpose</Menu.Label>
        {faultKinds.map((kind) => (
          <Menu.Item key={kind} disabled={faults[kind].needsRank && !hasRank} onClick={() => cause.mutate(kind)}>
            <Text size="sm">{kind}</Text>
            <Text size="xs" c="dimmed">
              {faults[kind].says.replace('`seconds`', 'a few seconds')}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

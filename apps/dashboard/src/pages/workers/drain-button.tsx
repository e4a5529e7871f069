import { ActionIcon, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { answer } from '@regatta/client';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { client } from '../../api/client.js';
import { workersQuery } from '../../api/queries.js';
import type { Worker } from '../../api/types.js';
import { sentence } from '../../components/failure.js';

/** Takes a worker out of its run after the step under way, or lets it take part again: harmless, so it asks nothing. */
export function DrainButton({ worker }: { worker: Worker }) {
  const queryClient = useQueryClient();
  const drained = worker.status === 'draining';
  const change = useMutation({
    mutationFn: () => {
      const of = { params: { path: { worker: worker.id } } };
      return answer(
        drained
          ? client.POST('/api/v1/workers/{worker}/resume', of)
          : client.POST('/api/v1/workers/{worker}/drain', of),
      );
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: workersQuery.queryKey }),
    onError: (error) => notifications.show({ color: 'red', title: 'Nothing changed', message: sentence(error) }),
  });
  if (worker.status === 'lost') return null;
  const what = drained ? 'Resume' : 'Drain';
  const help = drained
    ? 'Resume: it takes part in runs again'
    : 'Drain: it leaves its run after the step under way and takes no other; it still predicts';
  const Icon = drained ? IconPlayerPlay : IconPlayerPause;
  return (
    <Tooltip label={help} multiline maw={300}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={`${what} worker ${worker.id}`}
        loading={change.isPending}
        onClick={() => change.mutate()}
      >
        <Icon size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

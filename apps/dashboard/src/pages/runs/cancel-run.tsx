import type { ButtonProps } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { answer } from '@regatta/client';
import type { Run } from '@regatta/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { client } from '../../api/client.js';
import { isFinished } from '../../api/queries.js';
import { Confirm } from '../../components/confirm.js';
import { sentence } from '../../components/failure.js';
import { count } from '../../lib/format.js';

/** Cancels a run after one question; nothing where the run has ended. */
export function CancelRun({ run, size }: { run: Run; size: ButtonProps['size'] }) {
  const queryClient = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => answer(client.POST('/api/v1/runs/{id}/cancel', { params: { path: { id: run.id } } })),
    onSuccess: (cancelled) => queryClient.setQueryData(['run', run.id], cancelled),
    onError: (error) => notifications.show({ color: 'red', title: 'Not cancelled', message: sentence(error) }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['runs'] }),
  });
  if (isFinished(run)) return null;
  const stopping = run.desired === 'cancelled' || cancel.isPending;
  return (
    <Confirm
      action={stopping ? 'Stopping' : 'Cancel'}
      title={`Cancel ${run.name}?`}
      size={size}
      disabled={stopping}
      onConfirm={() => cancel.mutate()}
    >
      {run.progress.step === 0
        ? 'It has not trained a step yet. It cannot be continued afterwards.'
        : `It stops after step ${count(run.progress.step)} and cannot be continued. Its curves and checkpoints stay.`}
    </Confirm>
  );
}

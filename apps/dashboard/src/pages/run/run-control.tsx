import { Button, Group, Modal, NumberInput, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { answer } from '@regatta/client';
import type { Run } from '@regatta/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../api/client.js';
import { sentence } from '../../components/failure.js';

/** A call that changes what is wanted of the run, and shows what came of it. */
function useWish<Body = void>(run: Run, failed: string, call: (body: Body) => Promise<unknown>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: call,
    onSuccess: (changed) => queryClient.setQueryData(['run', run.id], changed),
    onError: (error) => notifications.show({ color: 'red', title: failed, message: sentence(error) }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['runs'] }),
  });
}

/** Pauses a run, or lets a paused one go on: nothing is lost by either, so nobody is asked. */
export function PauseRun({ run }: { run: Run }) {
  const path = { id: run.id };
  const pause = useWish(run, 'Not paused', () => answer(client.POST('/api/v1/runs/{id}/pause', { params: { path } })));
  const resume = useWish(run, 'Not resumed', () =>
    answer(client.POST('/api/v1/runs/{id}/resume', { params: { path } })),
  );
  const paused = run.desired === 'paused';
  const wish = paused ? resume : pause;
  const pausing = paused && run.status !== 'paused' && run.status !== 'queued';
  return (
    <Button
      variant="default"
      size="sm"
      disabled={run.desired === 'cancelled' || pausing}
      loading={wish.isPending}
      onClick={() => wish.mutate()}
    >
      {pausing ? 'Pausing' : paused ? 'Resume' : 'Pause'}
    </Button>
  );
}

interface Limits {
  minWorkers: number;
  maxWorkers: number;
}

/** Changes how many workers a run may have. */
export function ScaleRun({ run }: { run: Run }) {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" size="sm" disabled={run.desired === 'cancelled'} onClick={open}>
        Scale
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={`Workers of ${run.name}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <ScaleForm run={run} close={close} />
      </Modal>
    </>
  );
}

function ScaleForm({ run, close }: { run: Run; close: () => void }) {
  const { minWorkers, maxWorkers, logicalShards } = run.config.distributed as Limits & { logicalShards: number };
  const [limits, setLimits] = useState<Limits>({ minWorkers, maxWorkers });
  const path = { id: run.id };
  const scale = useWish(run, 'Not scaled', (body: Limits) =>
    answer(client.POST('/api/v1/runs/{id}/scale', { params: { path }, body })),
  );
  const set = (field: keyof Limits) => (value: number | string) =>
    typeof value === 'number' && setLimits((before) => ({ ...before, [field]: value }));
  const fits = limits.minWorkers <= limits.maxWorkers;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        scale.mutate(limits, { onSuccess: close });
      }}
    >
      <Text size="sm" mb="md">
        Workers join and leave between two steps. The numbers stay the same.
      </Text>
      <Group grow mb="md" align="flex-start">
        <NumberInput
          label="At least"
          min={1}
          max={logicalShards}
          allowDecimal={false}
          value={limits.minWorkers}
          onChange={set('minWorkers')}
          error={fits ? undefined : 'More than at most'}
        />
        <NumberInput
          label="At most"
          min={1}
          max={logicalShards}
          allowDecimal={false}
          value={limits.maxWorkers}
          onChange={set('maxWorkers')}
        />
      </Group>
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          Keep it
        </Button>
        <Button type="submit" disabled={!fits} loading={scale.isPending}>
          Scale
        </Button>
      </Group>
    </form>
  );
}

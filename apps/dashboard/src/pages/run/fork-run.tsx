import { Button, Group, Modal, NumberInput, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { answer } from '@regatta/client';
import { newId, type Run } from '@regatta/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../api/client.js';
import { Failure } from '../../components/failure.js';
import { count } from '../../lib/format.js';

interface ForkProps {
  run: Run;
  /** Step of a checkpoint that the run has. */
  step: number;
}

/** Starts a new run from a checkpoint of this one. */
export function ForkRun({ run, step }: ForkProps) {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" size="compact-sm" onClick={open}>
        Fork from step {count(step)}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={`Fork ${run.name} from step ${count(step)}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <ForkForm run={run} step={step} close={close} />
      </Modal>
    </>
  );
}

interface Asked {
  name: string;
  learningRate: number;
  maxSteps?: number;
}

function ForkForm({ run, step, close }: ForkProps & { close: () => void }) {
  const { learningRate } = run.config.optimizer as { learningRate: number };
  const { maxSteps } = run.config.training as { maxSteps?: number };
  const [asked, setAsked] = useState<Asked>({
    name: `${run.name} from step ${step}`.slice(-200),
    learningRate,
    maxSteps,
  });
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const fork = useMutation({
    mutationFn: () => {
      const changes = {
        name: asked.name,
        optimizer: { learningRate: asked.learningRate },
        ...(asked.maxSteps !== undefined && { training: { maxSteps: asked.maxSteps } }),
      };
      const params = { path: { id: run.id } };
      const headers = { 'idempotency-key': newId() };
      return answer(client.POST('/api/v1/runs/{id}/fork', { params, body: { checkpoint: step, changes }, headers }));
    },
    onSuccess: (made) => {
      void queryClient.invalidateQueries({ queryKey: ['runs'] });
      close();
      void navigate({ to: '/runs/$runId', params: { runId: made.id } });
    },
  });
  const number = (field: 'learningRate' | 'maxSteps') => (value: number | string) =>
    typeof value === 'number' && setAsked((before) => ({ ...before, [field]: value }));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        fork.mutate();
      }}
    >
      <Text size="sm" mb="md">
        A new run goes on from the weights, the optimizer's moments and the place in the data of this checkpoint. With
        nothing changed it trains as this one did, to the last bit.
      </Text>
      <TextInput
        label="Name"
        mb="sm"
        required
        maxLength={200}
        value={asked.name}
        onChange={(event) => setAsked({ ...asked, name: event.currentTarget.value })}
      />
      <Group grow mb="md" align="flex-start">
        <NumberInput
          label="Learning rate"
          min={0}
          max={1}
          step={1e-5}
          decimalScale={8}
          value={asked.learningRate}
          onChange={number('learningRate')}
        />
        {maxSteps !== undefined && (
          <NumberInput
            label="Steps in all"
            min={1}
            allowDecimal={false}
            value={asked.maxSteps}
            onChange={number('maxSteps')}
            error={(asked.maxSteps ?? 0) > step ? undefined : `More than ${count(step)}`}
          />
        )}
      </Group>
      {fork.error && <Failure error={fork.error} />}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={close}>
          Leave it
        </Button>
        <Button type="submit" loading={fork.isPending}>
          Fork
        </Button>
      </Group>
    </form>
  );
}

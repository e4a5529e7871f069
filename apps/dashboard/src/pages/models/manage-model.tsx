import { Button, Group, Modal, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { answer } from '@regatta/client';
import { modelStages } from '@regatta/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../api/client.js';
import { modelQuery, modelsQuery } from '../../api/queries.js';
import type { Model } from '../../api/types.js';
import { Confirm } from '../../components/confirm.js';
import { Failure, sentence } from '../../components/failure.js';

/** What a member can do to a model: move it to a stage, name and describe it, delete it. */
export function ManageModel({ model }: { model: Model }) {
  const [editing, { open, close }] = useDisclosure(false);
  const move = usePatch(model);
  return (
    <Group gap="xs" align="flex-end">
      <Select
        label="Stage"
        size="xs"
        w={130}
        data={modelStages.map((stage) => ({ value: stage, label: stage }))}
        value={model.stage}
        onChange={(stage) =>
          move.mutate(
            { stage: stage as Model['stage'] },
            {
              onError: (error) => notifications.show({ color: 'red', title: 'Not moved', message: sentence(error) }),
            },
          )
        }
        disabled={move.isPending}
        allowDeselect={false}
      />
      <Button variant="default" size="xs" onClick={open}>
        Edit
      </Button>
      <Delete model={model} />
      <Modal opened={editing} onClose={close} title="Edit the model" closeButtonProps={{ 'aria-label': 'Close' }}>
        <EditForm model={model} close={close} />
      </Modal>
    </Group>
  );
}

type Patch = Partial<Pick<Model, 'name' | 'description' | 'stage'>>;

function usePatch(model: Model) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (body: Patch) =>
      answer(client.PATCH('/api/v1/models/{id}', { params: { path: { id: model.id } }, body })),
    onSuccess: (changed) => queryClient.setQueryData(modelQuery(model.id).queryKey, changed),
    onSettled: () => queryClient.invalidateQueries({ queryKey: modelsQuery.queryKey }),
  });
}

function EditForm({ model, close }: { model: Model; close: () => void }) {
  const [name, setName] = useState(model.name);
  const [description, setDescription] = useState(model.description);
  const save = usePatch(model);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ name, description }, { onSuccess: close });
      }}
    >
      <Stack>
        <TextInput
          label="Name"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={200}
          required
          withAsterisk={false}
          data-autofocus
        />
        <Textarea
          label="Description"
          description="What it is for, what it is not for"
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          maxLength={10_000}
          autosize
          minRows={3}
          maxRows={12}
        />
        {save.error && <Failure error={save.error} title="Not saved" />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Leave it
          </Button>
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Delete({ model }: { model: Model }) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => answer(client.DELETE('/api/v1/models/{id}', { params: { path: { id: model.id } } })),
    onError: (error) => notifications.show({ color: 'red', title: 'Not deleted', message: sentence(error) }),
    onSuccess: () => navigate({ to: '/models' }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: modelsQuery.queryKey }),
  });
  return (
    <Confirm action="Delete" title={`Delete ${model.name}?`} size="xs" onConfirm={() => remove.mutate()}>
      {model.runId === null
        ? 'It was imported: its weights are gone for good.'
        : 'It can no longer be asked or exported as a model. Its run and the checkpoints of that stay.'}
      {' Models made from it no longer name it. It is kept while a run that has not finished starts from it.'}
    </Confirm>
  );
}

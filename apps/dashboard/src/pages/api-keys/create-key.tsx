import { Alert, Button, Modal, Select, Stack, TextInput } from '@mantine/core';
import { answer } from '@regatta/client';
import { newId, type Role } from '@regatta/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../api/client.js';
import { apiKeysQuery } from '../../api/queries.js';
import { Command } from '../../components/empty.js';
import { Failure } from '../../components/failure.js';

const roles = [
  { value: 'viewer', label: 'viewer: looks' },
  { value: 'member', label: 'member: looks, starts and changes' },
  { value: 'admin', label: 'admin: everything, keys too' },
];
const lives = [
  { value: '1', label: 'after a day' },
  { value: '30', label: 'after 30 days' },
  { value: '365', label: 'after a year' },
  { value: '', label: 'never' },
];
const dayMs = 24 * 3600_000;

/** A name, a role and a time become a key, which is shown once. */
export function CreateKey({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('member');
  const [days, setDays] = useState('30');
  const queryClient = useQueryClient();
  const create = useMutation({
    mutationFn: () => {
      const expiresAt = days === '' ? undefined : new Date(Date.now() + Number(days) * dayMs).toISOString();
      return answer(
        client.POST('/api/v1/api-keys', {
          body: { name, role, expiresAt },
          headers: { 'idempotency-key': newId() },
        }),
      );
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: apiKeysQuery.queryKey }),
  });

  function close() {
    onClose();
    setName('');
    create.reset();
  }

  return (
    <Modal opened={opened} onClose={close} title="New API key" closeButtonProps={{ 'aria-label': 'Close' }}>
      {create.data?.key ? (
        <Stack data-testid="new-key">
          <Alert variant="light" title={`${create.data.name}, ${create.data.role}`}>
            Copy it now: it is not shown again.
          </Alert>
          <Command>{create.data.key}</Command>
          <Button variant="default" onClick={close}>
            Done
          </Button>
        </Stack>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate();
          }}
        >
          <Stack>
            <TextInput
              label="Name"
              description="Who or what it is for"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              maxLength={200}
              required
              withAsterisk={false}
              data-autofocus
            />
            <Select
              label="Role"
              data={roles}
              value={role}
              onChange={(chosen) => setRole((chosen ?? 'member') as Role)}
              allowDeselect={false}
            />
            <Select
              label="Expires"
              data={lives}
              value={days}
              onChange={(chosen) => setDays(chosen ?? '')}
              allowDeselect={false}
            />
            {create.error && <Failure error={create.error} title="Not made" />}
            <Button type="submit" loading={create.isPending}>
              Make the key
            </Button>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

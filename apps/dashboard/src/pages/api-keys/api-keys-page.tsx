import { Alert, Badge, Button, Group, Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { answer } from '@regatta/client';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { client } from '../../api/client.js';
import { apiKeysQuery, useMay } from '../../api/queries.js';
import type { ApiKey } from '../../api/types.js';
import { Confirm } from '../../components/confirm.js';
import { Failure, sentence } from '../../components/failure.js';
import { Moment, useNow } from '../../components/moment.js';
import { CreateKey } from './create-key.js';

/** Who may call the API, as what, and until when? */
export function ApiKeysPage() {
  const admin = useMay('admin');
  const keys = useQuery({ ...apiKeysQuery, enabled: admin });
  const [creating, { open, close }] = useDisclosure(false);
  if (!admin)
    return (
      <Stack>
        <Title order={1}>API keys</Title>
        <Alert icon={<IconKey aria-hidden />} variant="light">
          Only an admin sees and makes API keys. Sign in with an admin key, or ask an admin for a key.
        </Alert>
      </Stack>
    );
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1}>API keys</Title>
        <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={open}>
          New key
        </Button>
      </Group>
      <Text size="sm" c="dimmed">
        A key signs in a script or a person: a viewer looks, a member also starts and changes runs, data and models, an
        admin also makes keys. Only a hash of each is stored.
      </Text>
      <CreateKey opened={creating} onClose={close} />
      {keys.error && !keys.data && <Failure error={keys.error} onRetry={() => void keys.refetch()} />}
      {keys.isPending && <Skeleton height={120} />}
      {keys.data?.map((key) => (
        <KeyCard key={key.id} apiKey={key} />
      ))}
    </Stack>
  );
}

function KeyCard({ apiKey }: { apiKey: ApiKey }) {
  const queryClient = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => answer(client.DELETE('/api/v1/api-keys/{id}', { params: { path: { id: apiKey.id } } })),
    onError: (error) => notifications.show({ color: 'red', title: 'Not revoked', message: sentence(error) }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: apiKeysQuery.queryKey }),
  });
  return (
    <Paper className="panel" p="md">
      <Group justify="space-between" align="flex-start">
        <Stack gap={4} style={{ minWidth: 0 }}>
          <Group gap="sm">
            <Title order={2} style={{ overflowWrap: 'anywhere' }}>
              {apiKey.name}
            </Title>
            <Badge variant="default" tt="none">
              {apiKey.role}
            </Badge>
          </Group>
          <Text size="sm" c="dimmed">
            made <Moment time={apiKey.createdAt} />,{' '}
            {apiKey.lastUsedAt ? (
              <>
                last used <Moment time={apiKey.lastUsedAt} />
              </>
            ) : (
              'never used'
            )}
            , <Expiry time={apiKey.expiresAt} />
          </Text>
        </Stack>
        <Confirm action="Revoke" title={`Revoke ${apiKey.name}?`} size="compact-sm" onConfirm={() => revoke.mutate()}>
          Whoever uses it is refused from now on, and browsers that were signed in with it are signed out.
        </Confirm>
      </Group>
    </Paper>
  );
}

function Expiry({ time }: { time: string | null }) {
  const now = useNow();
  if (!time) return 'does not expire';
  const date = new Date(time);
  const words = date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  return (
    <time dateTime={time}>
      {date < now ? 'expired' : 'expires'} {words}
    </time>
  );
}

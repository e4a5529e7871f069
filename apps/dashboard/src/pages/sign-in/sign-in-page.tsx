import { Alert, Button, Center, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { answer } from '@regatta/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../api/client.js';
import { meQuery } from '../../api/queries.js';
import { Command } from '../../components/empty.js';
import { sentence } from '../../components/failure.js';

const route = getRouteApi('/sign-in');

export function SignInPage() {
  const { reason, to = '/' } = route.useSearch();
  const [apiKey, setApiKey] = useState('');
  const router = useRouter();
  const queryClient = useQueryClient();
  const signIn = useMutation({
    mutationFn: (key: string) => answer(client.POST('/api/v1/sign-in', { body: { apiKey: key } })),
    onSuccess: (me) => {
      queryClient.clear();
      queryClient.setQueryData(meQuery.queryKey, me);
      router.history.push(to);
    },
  });
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper className="panel" p="xl" w={440} maw="100%">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            signIn.mutate(apiKey.trim());
          }}
        >
          <Stack>
            <Title order={1}>Regatta</Title>
            {reason === 'link' && (
              <Alert color="yellow" title="That link no longer works">
                A sign-in link works once, for ten minutes. Sign in with an API key instead.
              </Alert>
            )}
            <PasswordInput
              label="API key"
              description="The administrator's key is in the data folder of the machine that runs Regatta."
              value={apiKey}
              onChange={(event) => setApiKey(event.currentTarget.value)}
              error={signIn.error && sentence(signIn.error)}
              autoComplete="current-password"
              data-autofocus
              autoFocus
              required
              withAsterisk={false}
            />
            <Command>cat .regatta/api-key</Command>
            <Button type="submit" loading={signIn.isPending}>
              Sign in
            </Button>
            <Text size="xs" c="dimmed">
              The link that the start of the server prints signs you in without a key.
            </Text>
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}

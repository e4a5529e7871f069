import { Paper, Stack, Text, Title } from '@mantine/core';
import { Command } from '../../components/empty.js';

/** Starts a worker by hand; the addresses are those that the API was started with. */
export const startCommand =
  'REDIS_URL=redis://HOST:6379 GRADIENT_REDIS_URL=redis://HOST:6380 ARTIFACTS_URL=file:/shared/artifacts \\\n  node apps/worker/dist/main.js';

export function AddWorker() {
  return (
    <Paper className="panel" p="md">
      <Title order={2} mb="sm">
        Add a worker
      </Title>
      <Stack gap="sm">
        <Text size="sm">On this machine: stop the server, and start it with more.</Text>
        <Command>WORKERS=4 npm start</Command>
        <Text size="sm">With docker compose, while it runs:</Text>
        <Command>docker compose up --detach --scale worker=4</Command>
        <Text size="sm">
          On another machine, from the same version of the code, with the addresses of both Redis servers and of the
          artifacts:
        </Text>
        <Command>{startCommand}</Command>
        <Text size="sm" c="dimmed">
          A free worker joins a run that gathers by itself.
        </Text>
      </Stack>
    </Paper>
  );
}

import { Anchor, Button, Group, Modal, Paper, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { modelsQuery } from '../../api/queries.js';
import type { Model } from '../../api/types.js';
import { Empty } from '../../components/empty.js';
import { Failure } from '../../components/failure.js';
import { Moment } from '../../components/moment.js';
import { Quantity } from '../../components/quantity.js';
import { compact, count, fixed } from '../../lib/format.js';
import { lossOf } from '../../lib/metrics.js';

const Playground = lazy(() => import('./playground.js').then((module) => ({ default: module.Playground })));

/** What do I have, and where did it come from? */
export function ModelsPage() {
  const models = useQuery(modelsQuery);
  return (
    <Stack>
      <Title order={1}>Models</Title>
      {models.error && !models.data && <Failure error={models.error} onRetry={() => void models.refetch()} />}
      {models.data?.length === 0 ? (
        <Empty
          title="No models yet"
          action={<Button renderRoot={(props) => <Link to="/new" {...props} />}>Start a run</Button>}
        >
          Every run that completes leaves its model here: to try, to export for transformers, to fine-tune from.
        </Empty>
      ) : (
        <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
          {models.data?.map((model) => <ModelCard key={model.id} model={model} />) ??
            [0, 1, 2].map((card) => <Skeleton key={card} height={210} />)}
        </SimpleGrid>
      )}
    </Stack>
  );
}

function ModelCard({ model }: { model: Model }) {
  const [trying, { open, close }] = useDisclosure(false);
  const { validation, baseline } = lossOf(model);
  return (
    <Paper className="panel" p="md">
      <Stack gap="sm" h="100%">
        <Title order={2} style={{ overflowWrap: 'anywhere' }}>
          {model.name}
        </Title>
        <Group gap="xl">
          <Quantity
            label="Held-out loss"
            help="On masked words of documents it never trained on; lower is better"
            unit="nats"
          >
            {fixed(model.metrics[validation], 3)}
          </Quantity>
          {model.metrics[baseline] != null && (
            <Quantity
              label="Baseline"
              help="The same loss for one who only knows how often each word occurs"
              unit="nats"
            >
              {fixed(model.metrics[baseline], 3)}
            </Quantity>
          )}
          <Quantity label="Parameters" help="Numbers that were learnt">
            {compact(model.parameters)}
          </Quantity>
        </Group>
        <Text size="sm" c="dimmed">
          After {count(model.step)} steps on {model.dataset.name}, version {model.dataset.version}, by{' '}
          <Anchor
            size="sm"
            underline="always"
            renderRoot={(props) => <Link to="/runs/$runId" params={{ runId: model.runId }} {...props} />}
          >
            this run
          </Anchor>
          , <Moment time={model.createdAt} />
        </Text>
        <Group gap="xs" mt="auto">
          <Button size="compact-sm" variant="light" onClick={open}>
            Try it
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            component="a"
            href={`/api/v1/models/${model.id}/export?format=huggingface`}
            download
            leftSection={<IconDownload size={14} aria-hidden />}
          >
            Export for transformers
          </Button>
        </Group>
      </Stack>
      <Modal
        opened={trying}
        onClose={close}
        title={`Try ${model.name}`}
        size="lg"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Suspense fallback={<Skeleton height={180} />}>
          <Playground modelId={model.id} />
        </Suspense>
      </Modal>
    </Paper>
  );
}

import { Button, Group, Modal, Paper, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { modelsQuery } from '../../api/queries.js';
import type { Model } from '../../api/types.js';
import { Empty } from '../../components/empty.js';
import { Failure } from '../../components/failure.js';
import { Moment } from '../../components/moment.js';
import { Quantity } from '../../components/quantity.js';
import { RunLink } from '../../components/run-link';
import { StartRun } from '../../components/start-run.js';
import { compact, count } from '../../lib/format.js';
import { isLoss, metricsOf, metricView } from '../../lib/metrics.js';
import { kindName } from '../../lib/tasks.js';

const Playground = lazy(() => import('../try/playground.js').then((module) => ({ default: module.Playground })));

/** What do I have, and where did it come from? */
export function ModelsPage() {
  const models = useQuery(modelsQuery);
  return (
    <Stack>
      <Title order={1}>Models</Title>
      {models.error && !models.data && <Failure error={models.error} onRetry={() => void models.refetch()} />}
      {models.data?.length === 0 ? (
        <Empty title="No models yet" action={<StartRun />} command="npm run regatta -- model import FOLDER">
          Every run that completes leaves its model here: to try, to export for transformers, to fine-tune from. A
          folder of Hugging Face's with a BERT in it becomes one by this command.
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
  const held = metricsOf(Object.keys(model.metrics).filter((name) => name.startsWith('validation.')));
  const main = held.find((name) => !isLoss(name) && model.task !== 'bert-pretrain') ?? held[0];
  return (
    <Paper className="panel" p="md">
      <Stack gap="sm" h="100%">
        <Title order={2} style={{ overflowWrap: 'anywhere' }}>
          {model.name}
        </Title>
        <Group gap="xl">
          {main !== undefined && <Quality model={model} name={main} />}
          <Quantity label="Parameters" help="Numbers that were learnt">
            {compact(model.parameters)}
          </Quantity>
        </Group>
        <Text size="sm" c="dimmed">
          {model.kind ? `It ${kindName(model.kind)}. ` : 'An encoder without a head, to fine-tune from. '}
          <Origin model={model} />, <Moment time={model.createdAt} />
        </Text>
        <Group gap="xs" mt="auto">
          {model.kind && (
            <Button size="compact-sm" variant="light" onClick={open}>
              Try it
            </Button>
          )}
          {model.kind !== 'translation' && (
            <Export model={model} format="huggingface" label="Export for transformers" />
          )}
          <Export model={model} format="onnx" label="Export as ONNX" />
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
          {model.kind && <Playground kind={model.kind} modelId={model.id} />}
        </Suspense>
      </Modal>
    </Paper>
  );
}

/** What a model reached on held-out data, beside what is reached without one. */
function Quality({ model, name }: { model: Model; name: string }) {
  const { label, say, unit, help } = metricView(name);
  const trivial = model.metrics[`validation.baseline.${name}`];
  return (
    <>
      <Quantity label={`${label}, held out`} help={help} unit={unit || undefined}>
        {say(model.metrics[`validation.${name}`])}
      </Quantity>
      {trivial != null && (
        <Quantity label="Without a model" help="The same for the best guess without a model" unit={unit || undefined}>
          {say(trivial)}
        </Quantity>
      )}
    </>
  );
}

/** Where a model came from, in words. */
function Origin({ model: { runId, dataset, base, step } }: { model: Model }) {
  if (runId === null) return <>Imported</>;
  return (
    <>
      After {count(step)} steps{dataset && ` on ${dataset.name}, version ${dataset.version}`}
      {base && `, from ${base.name}`}, by{' '}
      <RunLink runId={runId} size="sm" underline="always">
        this run
      </RunLink>
    </>
  );
}

function Export({ model, format, label }: { model: Model; format: 'huggingface' | 'onnx'; label: string }) {
  return (
    <Button
      size="compact-sm"
      variant="default"
      component="a"
      href={`/api/v1/models/${model.id}/export?format=${format}`}
      download
      leftSection={<IconDownload size={14} aria-hidden />}
    >
      {label}
    </Button>
  );
}

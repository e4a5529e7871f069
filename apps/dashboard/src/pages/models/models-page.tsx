import { Group, Paper, SegmentedControl, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { modelStages } from '@regatta/contracts';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { modelsQuery } from '../../api/queries.js';
import type { Model } from '../../api/types.js';
import { Empty } from '../../components/empty.js';
import { Failure } from '../../components/failure.js';
import { ModelLink } from '../../components/model-link.js';
import { Quantity } from '../../components/quantity.js';
import { StartRun } from '../../components/start-run.js';
import { compact } from '../../lib/format.js';
import { isLoss, metricsOf, metricView } from '../../lib/metrics.js';
import { Origin, StageBadge, UseModel } from './model-parts.js';

const all = 'all';

/** What do I have, and where did it come from? */
export function ModelsPage() {
  const models = useQuery(modelsQuery);
  const [chosen, setChosen] = useState<string>(all);
  const found = modelStages.filter((stage) => models.data?.some((model) => model.stage === stage));
  // The last model of a stage may leave it while it is looked at.
  const stage = found.some((one) => one === chosen) ? chosen : all;
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1}>Models</Title>
        {found.length > 1 && (
          <SegmentedControl
            size="xs"
            aria-label="Stage"
            data={[all, ...found].map((value) => ({ value, label: value === 'none' ? 'no stage' : value }))}
            value={stage}
            onChange={setChosen}
          />
        )}
      </Group>
      {models.error && !models.data && <Failure error={models.error} onRetry={() => void models.refetch()} />}
      {models.data?.length === 0 ? (
        <Empty title="No models yet" action={<StartRun />} command="npm run regatta -- model import FOLDER">
          Every run that completes leaves its model here: to try, to export for transformers, to fine-tune from. A
          folder of Hugging Face's with a BERT in it becomes one by this command.
        </Empty>
      ) : (
        <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
          {models.data
            ?.filter((model) => stage === all || model.stage === stage)
            .map((model) => <ModelCard key={model.id} model={model} />) ??
            [0, 1, 2].map((card) => <Skeleton key={card} height={210} />)}
        </SimpleGrid>
      )}
    </Stack>
  );
}

function ModelCard({ model }: { model: Model }) {
  const held = metricsOf(Object.keys(model.metrics).filter((name) => name.startsWith('validation.')));
  const main = held.find((name) => !isLoss(name) && model.task !== 'bert-pretrain') ?? held[0];
  return (
    <Paper className="panel" p="md">
      <Stack gap="sm" h="100%">
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <Title order={2} style={{ overflowWrap: 'anywhere' }}>
            <ModelLink modelId={model.id} inherit>
              {model.name}
            </ModelLink>
          </Title>
          <StageBadge stage={model.stage} />
        </Group>
        <Group gap="xl">
          {main !== undefined && <Quality model={model} name={main} />}
          <Quantity label="Parameters" help="Numbers that were learnt">
            {compact(model.parameters)}
          </Quantity>
        </Group>
        <Text size="sm" c="dimmed">
          <Origin model={model} />
        </Text>
        <Group gap="xs" mt="auto">
          <UseModel model={model} />
        </Group>
      </Stack>
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

import { Button, Group, Paper, Select, Stack, Text, Title } from '@mantine/core';
import { answer } from '@regatta/client';
import { type EvaluateResult, evaluateBody, type ModelKind, measuredOn } from '@regatta/contracts';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../../api/client.js';
import { datasetsQuery } from '../../api/queries.js';
import type { Model } from '../../api/types.js';
import { Failure } from '../../components/failure.js';
import { ToldApart } from '../../components/told-apart.js';
import { Measured } from '../../evaluation/measured.js';
import { Tables } from '../../evaluation/tables.js';
import { builtInDatasets } from '../../lib/datasets.js';
import { count } from '../../lib/format.js';

const { options: splits } = evaluateBody.shape.split.unwrap();
type Split = (typeof splits)[number];

/** How good it is on any other data of its kind. */
export function EvaluateOn({ model, kind }: { model: Model; kind: ModelKind }) {
  const datasets = useQuery(datasetsQuery);
  const [dataset, setDataset] = useState<string | null>(null);
  const [split, setSplit] = useState<Split>('all');
  const made = (datasets.data ?? []).filter((one) => measuredOn[kind].includes(one.kind));
  const unmade = builtInDatasets.filter(
    (one) => measuredOn[kind].includes(one.kind) && !made.some(({ name }) => name === one.name),
  );
  const measure = useMutation({
    mutationFn: (body: { dataset: string; split: Split }) =>
      answer(client.POST('/api/v1/models/{id}/evaluate', { params: { path: { id: model.id } }, body })),
  });
  return (
    <Paper className="panel" p="md">
      <Stack>
        <Title order={2}>On another dataset</Title>
        <Group align="flex-end">
          <Select
            label="Dataset"
            placeholder="of its kind"
            w={260}
            data={[
              ...made.map(({ id, name, version }) => ({ value: id, label: `${name}, version ${version}` })),
              ...unmade.map(({ name }) => ({ value: name, label: name })),
            ]}
            value={dataset}
            onChange={(chosen) => {
              setDataset(chosen);
              setSplit('all');
            }}
            nothingFoundMessage="None of its kind yet: upload one first"
            searchable
          />
          {made.find(({ id }) => id === dataset)?.splits && (
            <Select
              label="Which examples"
              w={150}
              data={splits}
              value={split}
              onChange={(chosen) => setSplit((chosen ?? 'all') as Split)}
              allowDeselect={false}
            />
          )}
          <Button
            variant="default"
            disabled={dataset === null}
            loading={measure.isPending}
            onClick={() => dataset !== null && measure.mutate({ dataset, split })}
          >
            Measure it
          </Button>
        </Group>
        {model.dataset !== null && dataset === model.dataset.id && (
          <Text size="sm" c="dimmed">
            It was trained on this dataset: most of these examples are known to it.
          </Text>
        )}
        {measure.isPending && (
          <Text size="sm" c="dimmed" role="status">
            A worker measures it; that may take some minutes.
          </Text>
        )}
        {measure.error && <Failure error={measure.error} title="Not measured" />}
        {measure.data && <Result result={measure.data as EvaluateResult} />}
      </Stack>
    </Paper>
  );
}

function Result({ result: { metrics, examples, samples } }: { result: EvaluateResult }) {
  const named = Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`validation.${name}`, value]));
  return (
    <ToldApart value="on another dataset">
      <Stack data-testid="measured">
        <Text size="sm">Measured on {count(examples)} examples.</Text>
        <Measured metrics={named} />
        <Tables samples={samples} />
      </Stack>
    </ToldApart>
  );
}

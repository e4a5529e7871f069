import {
  Accordion,
  Badge,
  Button,
  Grid,
  Group,
  NumberInput,
  Paper,
  Select,
  SimpleGrid,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Title,
  UnstyledButton,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { answer, ProblemError } from '@regatta/client';
import { bertPresets, newId, type RunBodyInput } from '@regatta/contracts';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../api/client.js';
import { datasetsQuery, runQuery } from '../../api/queries.js';
import { Failure } from '../../components/failure.js';
import { count, words } from '../../lib/format.js';
import { AsCode, Estimates } from './estimates.js';
import { bodyOf, fieldGroups, valuesOf } from './fields.js';
import { presets } from './presets.js';
import { SchemaField } from './schema-field.js';
import './new-run.css';

const route = getRouteApi('/shell/new');
const groups = fieldGroups();
type Values = Record<string, unknown>;

/** The form, empty or with the configuration of the run that it starts from. */
export function NewRunPage() {
  const { from, dataset } = route.useSearch();
  const before = useQuery({ ...runQuery(from ?? ''), enabled: from !== undefined, refetchInterval: false });
  if (from !== undefined && before.isPending) return <Skeleton height={600} />;
  if (before.error) return <Failure error={before.error} />;
  const start: Values = before.data
    ? { ...valuesOf(before.data.config), dataset: `${before.data.dataset.name}@${before.data.dataset.version}` }
    : { task: 'bert-pretrain', ...presets[0].values, dataset: dataset ?? 'brown' };
  return <Form key={from ?? ''} start={start} preset={before.data ? undefined : presets[0].id} />;
}

/** What can I train, and what will it cost? */
function Form({ start, preset: first }: { start: Values; preset?: string }) {
  const navigate = route.useNavigate();
  const datasets = useQuery(datasetsQuery);
  const [values, setValues] = useState(start);
  const [preset, setPreset] = useState(first);
  const [attempt, setAttempt] = useState(newId);
  const body = bodyOf(values) as RunBodyInput;
  const [checkedBody] = useDebouncedValue(body, 400);

  const check = useQuery({
    queryKey: ['dry-run', checkedBody],
    queryFn: () => answer(client.POST('/api/v1/runs', { params: { query: { dryRun: 'true' } }, body: checkedBody })),
    placeholderData: keepPreviousData,
    retry: (failures, error) => !(error instanceof ProblemError) && failures < 3,
  });
  const start_ = useMutation({
    // The same key while nothing is changed: a second click, or a repeated one after a lost answer, starts one run.
    mutationFn: () => answer(client.POST('/api/v1/runs', { body, headers: { 'idempotency-key': attempt } })),
    onSuccess: (run) => {
      if ('id' in run) void navigate({ to: '/runs/$runId', params: { runId: run.id } });
    },
  });

  const problem = start_.error ?? check.error;
  const errors = problem instanceof ProblemError ? problem.errors : [];
  const errorOf = (path: string) => errors.find((error) => error.path === path)?.message;
  function set(path: string, value: unknown) {
    setValues((before) => ({ ...before, [path]: value }));
    setAttempt(newId());
    start_.reset();
  }
  function choose(id: string) {
    const chosen = presets.find((each) => each.id === id);
    if (!chosen) return;
    setPreset(id);
    setValues(({ name, task, dataset }) => ({ name, task, dataset, ...chosen.values }));
    start_.reset();
  }
  const names = [
    ...new Set((datasets.data ?? []).map(({ name }) => name).concat('brown', String(values.dataset ?? 'brown'))),
  ];

  return (
    <Stack>
      <Title order={1}>New run</Title>
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              start_.mutate();
            }}
          >
            <Stack>
              <Paper className="panel" p="md">
                <Title order={2} mb={4}>
                  Learn a language from plain text
                </Title>
                <Text size="sm" c="dimmed" mb="md">
                  BERT pretraining: words are masked and the model learns to guess them, and to tell whether one
                  sentence follows another. The model fills gaps, and is a base to fine-tune from.
                </Text>
                <SimpleGrid cols={{ base: 1, sm: 3 }} mb="md" role="group" aria-label="Starting points">
                  {presets.map(({ id, title, what }) => (
                    <UnstyledButton key={id} className="preset" aria-pressed={preset === id} onClick={() => choose(id)}>
                      <Text fw={600} size="sm">
                        {title}
                      </Text>
                      <Text size="xs" c="dimmed">
                        {what}
                      </Text>
                    </UnstyledButton>
                  ))}
                </SimpleGrid>
                <SimpleGrid cols={{ base: 1, sm: 2 }}>
                  <TextInput
                    label="Name"
                    placeholder={`${values.task} on ${values.dataset}`}
                    value={String(values.name ?? '')}
                    onChange={(event) => set('name', event.currentTarget.value || undefined)}
                    error={errorOf('name')}
                  />
                  <Select
                    label="Dataset"
                    data={names}
                    value={String(values.dataset ?? '')}
                    onChange={(dataset) => set('dataset', dataset ?? undefined)}
                    error={errorOf('dataset')}
                    allowDeselect={false}
                    searchable
                  />
                  <Select
                    label="Model"
                    data={Object.entries(bertPresets).map(([value, sizes]) => ({
                      value,
                      label: `${value}: ${sizes.numHiddenLayers} layers, ${sizes.hiddenSize} wide`,
                    }))}
                    value={String(values['model.preset'] ?? 'bert-tiny')}
                    onChange={(preset) => set('model.preset', preset ?? undefined)}
                    error={errorOf('model.preset')}
                    allowDeselect={false}
                  />
                  <NumberInput
                    label="Steps"
                    placeholder="1,000"
                    value={typeof values['training.maxSteps'] === 'number' ? values['training.maxSteps'] : ''}
                    onChange={(steps) => set('training.maxSteps', typeof steps === 'number' ? steps : undefined)}
                    error={errorOf('training.maxSteps')}
                    min={1}
                    allowDecimal={false}
                    thousandSeparator=","
                    clampBehavior="none"
                  />
                </SimpleGrid>
              </Paper>
              <Accordion variant="separated" multiple classNames={{ item: 'panel' }}>
                {groups.map(({ name, fields }) => {
                  const entered = fields.filter(
                    ({ path, initial }) => values[path] !== undefined && values[path] !== initial,
                  ).length;
                  const wrong = fields.some(({ path }) => errorOf(path));
                  return (
                    <Accordion.Item key={name} value={name}>
                      <Accordion.Control>
                        <Group gap="sm">
                          <Text size="sm" fw={600}>
                            {words(name)}
                          </Text>
                          {wrong ? (
                            <Badge color="red" variant="filled" size="sm">
                              look here
                            </Badge>
                          ) : (
                            entered > 0 && (
                              <Text size="xs" c="dimmed">
                                {count(entered)} of {count(fields.length)} set
                              </Text>
                            )
                          )}
                        </Group>
                      </Accordion.Control>
                      <Accordion.Panel>
                        <SimpleGrid cols={{ base: 1, sm: 2 }}>
                          {fields.map((field) => (
                            <SchemaField
                              key={field.path}
                              field={field}
                              value={values[field.path]}
                              onChange={(value) => set(field.path, value)}
                              error={errorOf(field.path)}
                            />
                          ))}
                        </SimpleGrid>
                      </Accordion.Panel>
                    </Accordion.Item>
                  );
                })}
              </Accordion>
              {problem && <Failure error={problem} title="It can't start like this" />}
              <Group justify="flex-end">
                <Button type="submit" loading={start_.isPending}>
                  Start run
                </Button>
              </Group>
            </Stack>
          </form>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Stack>
            <Estimates result={check.data} pending={check.isFetching} wrong={check.error !== null} />
            <AsCode body={body} />
          </Stack>
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

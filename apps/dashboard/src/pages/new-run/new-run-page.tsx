import {
  Accordion,
  Badge,
  Button,
  Grid,
  Group,
  Paper,
  SimpleGrid,
  Skeleton,
  Stack,
  Text,
  Title,
  UnstyledButton,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { answer, ProblemError } from '@regatta/client';
import { newId, type Run, type RunBodyInput } from '@regatta/contracts';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { client } from '../../api/client.js';
import { datasetsQuery, runQuery } from '../../api/queries.js';
import { AsCode } from '../../components/as-code.js';
import { Failure } from '../../components/failure.js';
import { builtInDatasets } from '../../lib/datasets.js';
import { count, words } from '../../lib/format.js';
import { flatten } from '../../lib/nested.js';
import { tasks, taskView } from '../../lib/tasks.js';
import { Basics } from './basics.js';
import { Estimates } from './estimates.js';
import { bodyOf, fieldGroups } from './fields.js';
import { presetsOf } from './presets.js';
import { SchemaField } from './schema-field.js';
import './new-run.css';

const route = getRouteApi('/shell/new');
type Values = Record<string, unknown>;

/** The form, empty or with the configuration of the run that it starts from. */
export function NewRunPage() {
  const { from, dataset, task, preset } = route.useSearch();
  const before = useQuery({ ...runQuery(from ?? ''), enabled: from !== undefined, refetchInterval: false });
  const datasets = useQuery({ ...datasetsQuery, enabled: dataset !== undefined });
  if (before.error) return <Failure error={before.error} />;
  const waits = (from !== undefined && before.isPending) || (dataset !== undefined && datasets.isPending);
  if (waits) return <Skeleton height={600} />;
  const kind =
    datasets.data?.find(({ name, version }) => `${name}@${version}` === dataset)?.kind ??
    builtInDatasets.find(({ name }) => name === dataset)?.kind;
  const given = tasks.find(({ kinds }) => kind !== undefined && kinds.includes(kind));
  const start: Values = before.data
    ? { ...flatten(before.data.config), ...datasetOf(before.data) }
    : startOf(given?.task ?? tasks.find((one) => one.task === task)?.task ?? 'bert-pretrain', dataset, preset);
  const first = before.data ? undefined : presetOf(String(start.task), preset).id;
  return <Form key={from ?? ''} start={start} preset={first} />;
}

/** The starting point of a task that has the id, or its first one. */
const presetOf = (task: string, id: string | undefined) =>
  presetsOf(task).find((preset) => preset.id === id) ?? presetsOf(task)[0];

function startOf(task: string, dataset: string | undefined, preset: string | undefined): Values {
  return { task, ...presetOf(task, preset).values, dataset: dataset ?? taskView(task).builtIn[0] };
}

const datasetOf = ({ dataset }: Run): Values => (dataset ? { dataset: `${dataset.name}@${dataset.version}` } : {});

/** What can I train, and what will it cost? */
function Form({ start, preset: first }: { start: Values; preset?: string }) {
  const navigate = route.useNavigate();
  const [values, setValues] = useState(start);
  const [preset, setPreset] = useState(first);
  const [attempt, setAttempt] = useState(newId);
  const task = String(values.task);
  const view = taskView(task);
  const groups = fieldGroups(task, values['lab.experiment'] as string | undefined);
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
    const chosen = presetsOf(task).find((each) => each.id === id);
    if (!chosen) return;
    setPreset(id);
    setValues(({ name, task, dataset }) => ({ name, task, dataset, ...chosen.values }));
    start_.reset();
  }
  function chooseTask(name: string) {
    const [first] = presetsOf(name);
    setPreset(first.id);
    setValues(({ name: runName }) => ({
      name: runName,
      task: name,
      dataset: taskView(name).builtIn[0],
      ...first.values,
    }));
    setAttempt(newId());
    start_.reset();
  }

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
                <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }} mb="md" role="group" aria-label="Tasks">
                  {tasks.map(({ task: name, title }) => (
                    <UnstyledButton
                      key={name}
                      className="preset"
                      aria-pressed={task === name}
                      onClick={() => chooseTask(name)}
                    >
                      <Text fw={600} size="sm">
                        {title}
                      </Text>
                    </UnstyledButton>
                  ))}
                </SimpleGrid>
                <Title order={2} mb={4}>
                  {view.title}
                </Title>
                <Text size="sm" c="dimmed" mb="md">
                  {view.what}
                </Text>
                <SimpleGrid cols={{ base: 1, sm: 3 }} mb="md" role="group" aria-label="Starting points">
                  {presetsOf(task).map(({ id, title, what }) => (
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
                <Basics values={values} set={set} errorOf={errorOf} />
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
            <Paper className="panel" p="md">
              <AsCode body={body} />
            </Paper>
          </Stack>
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

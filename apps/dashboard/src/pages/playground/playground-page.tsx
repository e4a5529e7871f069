import { Group, Paper, Select, Skeleton, Stack, Tabs, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { modelsQuery } from '../../api/queries.js';
import type { Model } from '../../api/types.js';
import { Empty } from '../../components/empty.js';
import { Failure } from '../../components/failure.js';
import { RunLink } from '../../components/run-link';
import { StartRun } from '../../components/start-run.js';
import { compact, count } from '../../lib/format.js';
import { Playground } from '../try/playground.js';
import { CheckpointSlider } from './checkpoint-slider.js';
import { modelGroups, type View, viewsOf } from './groups.js';
import { Neighbours } from './neighbours.js';

const route = getRouteApi('/shell/playground');

/** What did it learn? */
export function PlaygroundPage() {
  const { model: wanted } = route.useSearch();
  const models = useQuery(modelsQuery);
  if (models.data?.length === 0) {
    return (
      <Empty alone title="Playground" action={<StartRun />}>
        Here you ask the models you trained, as you type; the first run that completes leaves one.
      </Empty>
    );
  }
  const chosen = models.data?.find(({ id }) => id === wanted);
  const model = chosen ?? models.data?.find(({ kind }) => kind !== null) ?? models.data?.[0];
  return (
    <Stack>
      <Title order={1}>Playground</Title>
      {models.error && !models.data && <Failure error={models.error} onRetry={() => void models.refetch()} />}
      {wanted !== undefined && models.data && !chosen && (
        <Text size="sm" role="status">
          The model of this address is no longer here; this is another one.
        </Text>
      )}
      {model && models.data ? (
        <Ask key={model.id} model={model} models={models.data} />
      ) : (
        models.isPending && <Skeleton height={420} />
      )}
    </Stack>
  );
}

/** A model, from which step, and what is asked of it. */
function Ask({ model, models }: { model: Model; models: Model[] }) {
  const { view: wanted, checkpoint } = route.useSearch();
  const navigate = route.useNavigate();
  const views = viewsOf(model.kind);
  const view = views.find(({ value }) => value === wanted)?.value ?? views[0].value;
  const asked = { modelId: model.id, checkpoint };
  return (
    <>
      <Paper className="panel" p="md">
        <Group gap="xl" align="flex-start">
          <Select
            label="Model"
            data={modelGroups(models)}
            value={model.id}
            onChange={(id) => void navigate({ search: { model: id ?? undefined }, replace: true })}
            allowDeselect={false}
            searchable={models.length > 8}
            nothingFoundMessage="No such model"
            w={{ base: '100%', xs: 300 }}
          />
          <CheckpointSlider
            model={model}
            checkpoint={checkpoint}
            onChange={(step) =>
              void navigate({ search: { model: model.id, view: wanted, checkpoint: step }, replace: true })
            }
          />
          <About model={model} />
        </Group>
      </Paper>
      <Paper className="panel" p="md">
        <Tabs
          value={view}
          onChange={(next) =>
            void navigate({ search: { model: model.id, view: next ?? undefined, checkpoint }, replace: true })
          }
          keepMounted={false}
        >
          <Tabs.List mb="md">
            {views.map(({ value, label }) => (
              <Tabs.Tab key={value} value={value}>
                {label}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {views.map(({ value }) => (
            <Tabs.Panel key={value} value={value}>
              <Focused>
                <Asking view={value} kind={model.kind} {...asked} />
              </Focused>
            </Tabs.Panel>
          ))}
        </Tabs>
      </Paper>
    </>
  );
}

interface AskingProps {
  view: View;
  kind: Model['kind'];
  modelId: string;
  checkpoint?: number;
}

function Asking({ view, kind, ...asked }: AskingProps) {
  if (view === 'neighbours' || kind === null) return <Neighbours {...asked} />;
  return <Playground {...asked} kind={view === 'next-sentence' ? view : kind} attention />;
}

/** Puts the cursor into the first field of what it holds, behind the example. */
function Focused({ children }: { children: React.ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const field = place.current?.querySelector<HTMLInputElement | HTMLTextAreaElement>(
      'input[type=text], input:not([type]), textarea',
    );
    field?.focus({ preventScroll: true });
    field?.setSelectionRange(field.value.length, field.value.length);
  }, []);
  return <div ref={place}>{children}</div>;
}

function About({ model: { parameters, step, dataset, runId } }: { model: Model }) {
  return (
    <Text size="sm" c="dimmed" maw={480}>
      {compact(parameters)} parameters
      {dataset && `, ${count(step)} steps on ${dataset.name}`}
      {runId && (
        <>
          {', by '}
          <RunLink runId={runId} size="sm" underline="always">
            this run
          </RunLink>
        </>
      )}
    </Text>
  );
}

import { Anchor, Group, Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import { ProblemError } from '@regatta/client';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import { modelQuery, useMay } from '../../api/queries.js';
import type { Model } from '../../api/types.js';
import { Failure } from '../../components/failure.js';
import { compact } from '../../lib/format.js';
import { NotFound } from '../not-found.js';
import { LineagePanel } from './lineage-panel.js';
import { ManageModel } from './manage-model.js';
import { Origin, StageBadge, UseModel } from './model-parts.js';

const Report = lazy(() => import('./report.js').then((module) => ({ default: module.Report })));
const EvaluateOn = lazy(() => import('./evaluate-on.js').then((module) => ({ default: module.EvaluateOn })));
const route = getRouteApi('/shell/models/$modelId');

/** How good is it, where did it come from, what was made from it? */
export function ModelPage() {
  const { modelId } = route.useParams();
  const model = useQuery(modelQuery(modelId));
  if (model.error instanceof ProblemError && model.error.status === 404) return <NotFound />;
  if (model.error && !model.data) return <Failure error={model.error} onRetry={() => void model.refetch()} />;
  if (!model.data) return <Waiting />;
  return <Shown key={modelId} model={model.data} />;
}

function Shown({ model }: { model: Model }) {
  const member = useMay('member');
  useEffect(() => {
    document.title = `${model.name} · Regatta`;
  }, [model.name]);
  return (
    <Stack gap="md">
      <Header model={model} member={member} />
      <LineagePanel model={model} />
      <Suspense fallback={<Skeleton height={300} />}>
        <Report model={model} />
        {member && model.kind && <EvaluateOn model={model} kind={model.kind} />}
      </Suspense>
    </Stack>
  );
}

function Header({ model, member }: { model: Model; member: boolean }) {
  return (
    <Paper className="panel" p="md">
      <Group justify="space-between" align="flex-start" gap="md">
        <Stack gap={4} miw={0} flex="1 1 300px">
          <Anchor size="sm" renderRoot={(props) => <Link to="/models" {...props} />}>
            All models
          </Anchor>
          <Group gap="md">
            <Title order={1} style={{ overflowWrap: 'anywhere' }}>
              {model.name}
            </Title>
            <StageBadge stage={model.stage} />
          </Group>
          <Text size="sm" c="dimmed">
            <Origin model={model} />. {compact(model.parameters)} parameters.
          </Text>
          {model.description && (
            <Text size="sm" maw={720} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
              {model.description}
            </Text>
          )}
        </Stack>
        {member && <ManageModel model={model} />}
      </Group>
      <Group gap="xs" mt="md">
        <UseModel model={model} />
      </Group>
    </Paper>
  );
}

function Waiting() {
  return (
    <Stack gap="md" aria-busy>
      <Skeleton height={150} />
      <Skeleton height={200} />
      <Skeleton height={300} />
    </Stack>
  );
}

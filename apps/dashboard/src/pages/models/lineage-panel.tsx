import { Anchor, Paper, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Fragment, type ReactNode } from 'react';
import { modelsQuery, mostModels } from '../../api/queries.js';
import type { Model } from '../../api/types.js';
import { ModelLink } from '../../components/model-link.js';
import { RunLink } from '../../components/run-link.js';
import { count } from '../../lib/format.js';
import './lineage.css';
import { lineageOf } from './lineage.js';

/** From which data and models it was made, and what was made from it. */
export function LineagePanel({ model }: { model: Model }) {
  const models = useQuery(modelsQuery);
  const { bases, made } = lineageOf(model, models.data ?? []);
  return (
    <Paper className="panel" p="md">
      <Title order={2} mb="sm">
        Where it comes from
      </Title>
      <ol className="lineage" aria-label="Lineage">
        {bases.map((base) => (
          <li key={base.id}>
            <Generation origin={'dataset' in base ? base : undefined}>
              <Box label="Base model">
                <ModelLink modelId={base.id} size="sm">
                  {base.name}
                </ModelLink>
              </Box>
            </Generation>
          </li>
        ))}
        <li aria-current="true">
          <Generation origin={model}>
            <Box label="This model" here>
              <Text size="sm">{model.name}</Text>
            </Box>
          </Generation>
        </li>
        {made.length > 0 && (
          <li>
            <Stack gap="xs">
              {made.map((child) => (
                <Box key={child.id} label="Made from it">
                  <ModelLink modelId={child.id} size="sm">
                    {child.name}
                  </ModelLink>
                </Box>
              ))}
            </Stack>
          </li>
        )}
      </ol>
      {models.data?.length === mostModels && (
        <Text size="xs" c="dimmed" mt="sm">
          Only the newest {mostModels} models were looked through.
        </Text>
      )}
    </Paper>
  );
}

/** A model under what it was trained on and by. */
function Generation({ origin, children }: { origin?: Model; children: ReactNode }) {
  const { dataset, runId, step } = origin ?? {};
  const above = [
    dataset && (
      <Box label="Dataset">
        <Anchor size="sm" renderRoot={(props) => <Link to="/datasets" {...props} />}>
          {dataset.name}, version {dataset.version}
        </Anchor>
      </Box>
    ),
    runId && (
      <Box label="Run">
        <RunLink runId={runId} size="sm">
          {count(step)} steps
        </RunLink>
      </Box>
    ),
    origin && !runId && (
      <Box label="Origin">
        <Text size="sm">Imported</Text>
      </Box>
    ),
  ].filter(Boolean);
  return (
    <>
      {above.map((box, index) => (
        <Fragment key={index}>
          {box}
          <div className="lineage-down" aria-hidden>
            ↓
          </div>
        </Fragment>
      ))}
      {children}
    </>
  );
}

function Box({ label, here, children }: { label: string; here?: boolean; children: ReactNode }) {
  return (
    <div className={here ? 'lineage-box here' : 'lineage-box'}>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      {children}
    </div>
  );
}

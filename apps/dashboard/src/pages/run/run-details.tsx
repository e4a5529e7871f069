import { Code, Paper, Skeleton, Table, Tabs, Text } from '@mantine/core';
import type { Run } from '@regatta/contracts';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { checkpointsQuery } from '../../api/queries.js';
import { Moment } from '../../components/moment.js';
import { WideTable } from '../../components/wide-table.js';
import { bytes, count, fixed } from '../../lib/format.js';
import { lossOf } from '../../lib/metrics.js';
import { Configuration } from './configuration.js';
import { ForkRun } from './fork-run.js';
import { Logs } from './logs.js';
import { Reproduce } from './reproduce.js';

const Samples = lazy(() => import('../../evaluation/samples.js').then((module) => ({ default: module.Samples })));

/** What one looks up rather than watches. */
export function RunDetails({ run }: { run: Run }) {
  const hasSamples = run.task === 'bert-finetune' || run.task === 'translate';
  return (
    <Paper className="panel" p="md">
      <Tabs
        defaultValue={hasSamples ? 'samples' : run.task === 'attention-lab' ? 'configuration' : 'checkpoints'}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {hasSamples && <Tabs.Tab value="samples">Samples</Tabs.Tab>}
          <Tabs.Tab value="checkpoints">Checkpoints</Tabs.Tab>
          <Tabs.Tab value="logs">Logs</Tabs.Tab>
          <Tabs.Tab value="configuration">Configuration</Tabs.Tab>
          <Tabs.Tab value="reproduce">Reproduce</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="samples">
          <Suspense fallback={<Skeleton height={200} />}>
            <Samples run={run} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="checkpoints">
          <Checkpoints run={run} />
        </Tabs.Panel>
        <Tabs.Panel value="logs">
          <Logs run={run} />
        </Tabs.Panel>
        <Tabs.Panel value="configuration">
          <Configuration run={run} />
        </Tabs.Panel>
        <Tabs.Panel value="reproduce">
          <Reproduce run={run} />
        </Tabs.Panel>
      </Tabs>
    </Paper>
  );
}

function Checkpoints({ run }: { run: Run }) {
  const checkpoints = useQuery(checkpointsQuery(run));
  const { validation } = lossOf(run);
  if (!checkpoints.data?.length) {
    return (
      <Text size="sm" c="dimmed">
        None yet. One is saved every {count((run.config.training as { checkpointEvery?: number })?.checkpointEvery)}{' '}
        steps and at the end: from it the run goes on if a worker is lost.
      </Text>
    );
  }
  const evaluated = checkpoints.data.some(({ metrics }) => metrics[validation] !== undefined);
  return (
    <WideTable label="Checkpoints" minWidth={340}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Step</Table.Th>
            {evaluated && <Table.Th>Held-out loss</Table.Th>}
            <Table.Th>Size</Table.Th>
            <Table.Th visibleFrom="sm">Weights</Table.Th>
            <Table.Th>Saved</Table.Th>
            <Table.Th aria-label="What to do with it" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {[...checkpoints.data]
            .sort((a, b) => b.step - a.step)
            .map((checkpoint) => (
              <Table.Tr key={checkpoint.step}>
                <Table.Td className="numbers">{count(checkpoint.step)}</Table.Td>
                {evaluated && <Table.Td className="numbers">{fixed(checkpoint.metrics[validation], 3)}</Table.Td>}
                <Table.Td className="numbers">{bytes(checkpoint.bytes)}</Table.Td>
                <Table.Td visibleFrom="sm">
                  <Code title={checkpoint.weightsSha256}>{checkpoint.weightsSha256.slice(0, 12)}</Code>
                </Table.Td>
                <Table.Td>
                  <Moment time={checkpoint.time} />
                </Table.Td>
                <Table.Td ta="right">
                  <ForkRun run={run} step={checkpoint.step} />
                </Table.Td>
              </Table.Tr>
            ))}
        </Table.Tbody>
      </Table>
    </WideTable>
  );
}

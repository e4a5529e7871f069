import { Group, Switch, Table, Text } from '@mantine/core';
import type { Comparison } from '@regatta/contracts';
import { useState } from 'react';
import { RunLink } from '../../components/run-link';
import { WideTable } from '../../components/wide-table.js';
import { decimal } from '../../lib/format.js';
import { lowerIsBetter, sayMetric } from '../../lib/metrics.js';
import { type ComparedRun, type Look, looksOf } from './looks.js';

/** A piece of a run's curve, to find it in the chart. */
export function Swatch({ look }: { look: Look | undefined }) {
  return (
    <svg width={18} height={10} aria-hidden style={{ flex: 'none' }}>
      <line x1={0} x2={18} y1={5} y2={5} stroke={look?.color} strokeWidth={3} strokeDasharray={look?.dash?.join(' ')} />
    </svg>
  );
}

function Head({ runs, first }: { runs: readonly ComparedRun[]; first: string }) {
  const looks = looksOf(runs);
  return (
    <Table.Thead>
      <Table.Tr>
        <Table.Th w={200}>{first}</Table.Th>
        {runs.map((run) => (
          <Table.Th key={run.id}>
            <Group gap={6} wrap="nowrap">
              <Swatch look={looks.get(run.id)} />
              <RunLink runId={run.id} size="sm" truncate maw={200} title={run.name}>
                {run.name}
              </RunLink>
            </Group>
          </Table.Th>
        ))}
      </Table.Tr>
    </Table.Thead>
  );
}

const said = (value: unknown): string => {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number') return decimal(value, 6);
  return typeof value === 'string' ? value : JSON.stringify(value);
};

const minWidth = (runs: readonly ComparedRun[]): number => 200 + 140 * runs.length;

/** Where the configurations differ: what can explain the difference in the result. */
export function Differences({ comparison: { runs, config } }: { comparison: Comparison }) {
  if (config.length === 0)
    return (
      <Text size="sm" c="dimmed">
        These runs have the same configuration, seed and data: their curves and weights are the same to the last bit.
      </Text>
    );
  return (
    <WideTable label="Differences in configuration" minWidth={minWidth(runs)}>
      <Table verticalSpacing={6} data-testid="differences">
        <Head runs={runs} first="Field" />
        <Table.Tbody>
          {config.map(({ name, values }) => (
            <Table.Tr key={name}>
              <Table.Th fw={400} c="dimmed" scope="row">
                {name}
              </Table.Th>
              {runs.map((run, index) => (
                <Table.Td key={run.id} className="numbers" style={{ whiteSpace: 'normal', overflowWrap: 'anywhere' }}>
                  {said(values[index])}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </WideTable>
  );
}

const telling = /^(validation\.|train\.(.*loss|.*accuracy|tokensPerSecond)$|goodput$)/;
const held = (name: string): number =>
  name.startsWith('validation.baseline.') ? 1 : name.startsWith('validation.') ? 0 : 2;

/** The last value of each metric; the best of a row stands out. */
export function Finals({ comparison: { runs, metrics } }: { comparison: Comparison }) {
  const [all, setAll] = useState(false);
  const shown = metrics
    .filter(({ name }) => all || telling.test(name))
    .sort((a, b) => held(a.name) - held(b.name) || a.name.localeCompare(b.name));
  return (
    <>
      <WideTable label="Last values" minWidth={minWidth(runs)}>
        <Table verticalSpacing={6}>
          <Head runs={runs} first="Metric" />
          <Table.Tbody>
            <Table.Tr>
              <Table.Th fw={400} c="dimmed" scope="row">
                step
              </Table.Th>
              {runs.map(({ id, step }) => (
                <Table.Td key={id} className="numbers">
                  {said(step)}
                </Table.Td>
              ))}
            </Table.Tr>
            {shown.map(({ name, values }) => {
              const best = bestOf(name, values);
              return (
                <Table.Tr key={name}>
                  <Table.Th fw={400} c="dimmed" scope="row">
                    {name}
                  </Table.Th>
                  {runs.map((run, index) => (
                    <Table.Td key={run.id} className="numbers" fw={values[index] === best ? 700 : undefined}>
                      {sayMetric(name).say(values[index])}
                      {values[index] === best && (
                        <Text span size="xs" c="dimmed">
                          {' '}
                          best
                        </Text>
                      )}
                    </Table.Td>
                  ))}
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </WideTable>
      <Switch
        mt="sm"
        size="sm"
        label="All metrics"
        checked={all}
        onChange={(event) => setAll(event.currentTarget.checked)}
      />
    </>
  );
}

/** The best of several; undefined where they are equal, or neither way is better. */
function bestOf(name: string, values: readonly (number | null)[]): number | undefined {
  const lower = lowerIsBetter(name);
  const known = values.filter((value) => value !== null);
  if (lower === undefined || new Set(known).size < 2) return undefined;
  return lower ? Math.min(...known) : Math.max(...known);
}

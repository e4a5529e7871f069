import { Group, NativeSelect, Paper, SegmentedControl, Switch, Text, Title } from '@mantine/core';
import { answer } from '@regatta/client';
import type { Comparison } from '@regatta/contracts';
import { useQueries } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { client } from '../../api/client.js';
import { Chart, type ChartProps, type Curve } from '../../charts/chart.js';
import { Smoothing } from '../../charts/smoothing.js';
import { count, duration } from '../../lib/format.js';
import { sayMetric } from '../../lib/metrics.js';
import { smooth } from '../../live/series.js';
import { type ComparedRun, looksOf } from './looks.js';
import { meanOf, type Points } from './mean.js';

const maxPoints = 1500;
type Horizontal = 'step' | 'time';

/** One metric of all runs in one chart; runs that differ only in their seed as their mean and what lies between them. */
export function CompareCurves({ comparison }: { comparison: Comparison }) {
  const { runs } = comparison;
  const names = useMemo(() => drawable(comparison), [comparison]);
  const [chosen, setChosen] = useState<string | null>(null);
  const [smoothing, setSmoothing] = useState(0.6);
  const [log, setLog] = useState(false);
  const [x, setX] = useState<Horizontal>('step');
  const [averaged, setAveraged] = useState(true);
  const [zoom, setZoom] = useState<ChartProps['zoom']>(null);
  const name = chosen ?? names[0];
  const points = useQueries({
    queries: runs.map((run) => curveQuery(run, name)),
    combine: (results) => ({ data: results.map((result) => result.data), waits: results.some((one) => one.isPending) }),
  });
  const seeds = runs.some((run, index) => runs.findIndex(({ group }) => group === run.group) !== index);
  // Few points are all there is to see: only what was measured at every step is smoothed.
  const weight = name?.startsWith('train.') ? smoothing : 0;
  const curves = useMemo(() => {
    const each = points.data.map((series) => series && prepared(series, x, weight));
    return curvesOf(runs, each, seeds && averaged);
  }, [points.data, runs, x, weight, seeds, averaged]);

  if (name === undefined)
    return (
      <Paper className="panel" p="md">
        <Title order={2}>Curves</Title>
        <Text size="sm" c="dimmed">
          None of these runs has measured anything yet. Curves appear here as they train.
        </Text>
      </Paper>
    );
  const { say, label } = sayMetric(name);
  return (
    <Paper className="panel" p="md" data-testid="curves">
      <Group justify="space-between" mb="xs">
        <Title order={2}>Curves</Title>
        <NativeSelect
          size="xs"
          aria-label="Metric"
          data={names}
          value={name}
          onChange={(event) => setChosen(event.currentTarget.value)}
        />
      </Group>
      <Group gap="lg" mb="sm">
        <Smoothing value={smoothing} onChange={setSmoothing} />
        <Switch size="sm" label="Log scale" checked={log} onChange={(event) => setLog(event.currentTarget.checked)} />
        <SegmentedControl
          size="xs"
          aria-label="Horizontal axis"
          data={[
            { value: 'step', label: 'Steps' },
            { value: 'time', label: 'Time' },
          ]}
          value={x}
          onChange={(value) => {
            setX(value as Horizontal);
            setZoom(null);
          }}
        />
        {seeds && (
          <Switch
            size="sm"
            label="Mean over seeds"
            checked={averaged}
            onChange={(event) => setAveraged(event.currentTarget.checked)}
          />
        )}
      </Group>
      <Chart
        label={`${label} of ${runs.length} runs`}
        curves={curves}
        sayY={say}
        sayX={(value) => (x === 'time' ? duration(Math.max(0, value)) : count(value))}
        whole={x === 'step'}
        log={log}
        zoom={zoom}
        onZoom={setZoom}
      />
      <Text size="xs" c="dimmed">
        {seeds && averaged
          ? 'A shaded curve is the mean of runs that differ only in their seed; its shade reaches from the lowest of them to the highest. '
          : ''}
        Drag to zoom, double-click to see all.
      </Text>
    </Paper>
  );
}

/** What more than a moment was measured of; the held-out loss first. */
function drawable({ metrics }: Comparison): string[] {
  const rank = (name: string) => {
    const kind = name.startsWith('validation.baseline.')
      ? 5
      : name.startsWith('validation.')
        ? 0
        : name.startsWith('train.')
          ? 2
          : 4;
    return kind + (name.endsWith('loss') ? 0 : 1);
  };
  return metrics.map(({ name }) => name).sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

interface Measured {
  steps: number[];
  values: (number | null)[];
  times: number[];
}

function curveQuery(run: ComparedRun, name: string | undefined) {
  const done = ['completed', 'failed', 'cancelled'].includes(run.status);
  return {
    queryKey: ['compared-curve', run.id, name, done],
    queryFn: async (): Promise<Measured> => {
      const params = { path: { id: run.id }, query: { names: name, maxPoints } };
      const points = (await answer(client.GET('/api/v1/runs/{id}/metrics', { params }))).series.at(0)?.points ?? [];
      return {
        steps: points.map(({ step }) => step),
        values: points.map(({ value }) => value),
        times: points.map(({ time }) => Date.parse(time)),
      };
    },
    enabled: name !== undefined,
    refetchInterval: done ? (false as const) : 3000,
    staleTime: done ? Number.POSITIVE_INFINITY : 0,
  };
}

function prepared({ steps, values, times }: Measured, x: Horizontal, weight: number): Points {
  return { x: x === 'step' ? steps : times.map((time) => (time - times[0]) / 1000), y: smooth(values, weight) };
}

function curvesOf(runs: readonly ComparedRun[], points: readonly (Points | undefined)[], averaged: boolean): Curve[] {
  const looks = looksOf(runs);
  const twice = (name: string) => runs.filter((run) => run.name === name).length > 1;
  return runs.flatMap((run, index): Curve[] => {
    const members = runs.flatMap((other, at) => (other.group === run.group ? [at] : []));
    const own = points[index];
    if (!averaged || members.length === 1) {
      const label = twice(run.name) ? `${run.name} (seed ${run.seed ?? '–'})` : run.name;
      return own
        ? [{ label, ...own, ...looks.get(run.id), color: looks.get(run.id)?.color ?? '', dots: own.x.length < 40 }]
        : [];
    }
    if (members[0] !== index) return [];
    const known = members.flatMap((at) => points[at] ?? []);
    const { color = '', dash } = looks.get(run.id) ?? {};
    return [{ label: `${run.name}, mean of ${members.length} runs`, ...meanOf(known), color, dash }];
  });
}

import { Grid, Group, Paper, SegmentedControl, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { Run } from '@regatta/contracts';
import { type ReactNode, useMemo, useState } from 'react';
import { Chart, type ChartProps } from '../../charts/chart.js';
import { Quantity } from '../../components/quantity.js';
import { count, decimal, duration, fixed, percent } from '../../lib/format.js';
import { palette } from '../../lib/palette.js';
import type { RunFeed } from '../../live/run-feed.js';
import './charts.css';
import { metricCurves, recoveryBands, smoothed, stepTimeCurves, type View } from './curves.js';

const losses = [
  { value: 'mlm.loss', label: 'Masked words' },
  { value: 'nsp.loss', label: 'Next sentence' },
  { value: 'loss', label: 'Sum' },
];

interface ChartsProps {
  run: Run;
  feed: RunFeed;
  view: View;
  log: boolean;
  /** Stands above the main chart: how the curves are looked at. */
  controls: ReactNode;
  /** Stands beside the curves; on a narrow screen between the main chart and the others. */
  children: ReactNode;
}

/** All curves of a run. They share x: zooming or pointing in one does so in all. */
export function Charts({ run, feed, view, log, controls, children }: ChartsProps) {
  const [loss, setLoss] = useState('mlm.loss');
  const [zoom, setZoom] = useState<ChartProps['zoom']>(null);
  const { x, smoothing, start } = view;
  const { version } = feed;

  const curves = useMemo(() => {
    const look = { x, smoothing, start };
    const one = (name: string, label: string, color: string, weight = smoothing) => {
      const series = feed.series.get(name);
      return series ? smoothed(series, label, color, { ...look, smoothing: weight }) : [];
    };
    return {
      loss: metricCurves(feed, loss, look),
      accuracy: metricCurves(feed, 'mlm.accuracy', look),
      speed: one('train.tokensPerSecond', 'tokens/s', palette.green),
      norm: one('train.gradNorm', 'norm', palette.purple),
      rate: one('train.learningRate', 'rate', palette.sky, 0),
      times: stepTimeCurves(feed, look),
      bands: recoveryBands(feed.events, look),
    };
  }, [feed, version, x, smoothing, start, loss]);

  const shared = {
    zoom,
    onZoom: setZoom,
    bands: curves.bands,
    sayX: (value: number) => (x === 'time' ? duration(Math.max(0, value)) : count(value)),
  };
  return (
    <div className="run-grid">
      <Stack gap="md" className="run-main">
        <Paper className="panel" p="md">
          <Group justify="space-between" mb="xs">
            <Title order={2}>Loss</Title>
            <SegmentedControl size="xs" aria-label="Which loss" data={losses} value={loss} onChange={setLoss} />
          </Group>
          {controls}
          <Chart {...shared} label="Loss in nats" curves={curves.loss} sayY={(value) => fixed(value, 3)} log={log} />
          <Text size="xs" c="dimmed">
            In nats, lower is better. The dashed baseline is the loss of guessing by frequency alone; held-out points
            are on documents that are never trained on. Drag to zoom, double-click to see all.
          </Text>
        </Paper>
        <Numbers feed={feed} run={run} />
      </Stack>
      <Stack gap="md" className="run-side">
        {children}
      </Stack>
      <Stack gap="md" className="run-rest">
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
          <Small title="Masked words guessed right" last={percent(feed.last('train.mlm.accuracy'))}>
            <Chart
              {...shared}
              small
              label="Masked accuracy"
              curves={curves.accuracy}
              sayY={(value) => percent(value)}
            />
          </Small>
          <Small title="Speed" last={`${count(feed.last('train.tokensPerSecond'))} tokens/s`}>
            <Chart {...shared} small fromZero label="Tokens a second" curves={curves.speed} sayY={count} />
          </Small>
          <Small title="Gradient norm" last={decimal(feed.last('train.gradNorm'), 3)}>
            <Chart
              {...shared}
              small
              label="Norm of the gradient"
              curves={curves.norm}
              sayY={(value) => decimal(value, 3)}
            />
          </Small>
          <Small title="Learning rate" last={decimal(feed.last('train.learningRate'), 3)}>
            <Chart {...shared} small label="Learning rate" curves={curves.rate} sayY={(value) => decimal(value, 3)} />
          </Small>
        </SimpleGrid>
        <Small title="Time of a step, by worker" last="compute solid, exchange of gradients dashed">
          <Chart {...shared} small fromZero label="Seconds a step by worker" curves={curves.times} sayY={duration} />
        </Small>
      </Stack>
    </div>
  );
}

function Small({ title, last, children }: { title: string; last: string; children: ReactNode }) {
  return (
    <Paper className="panel" p="md">
      <Group justify="space-between" mb="xs" gap="xs">
        <Title order={2}>{title}</Title>
        <Text size="sm" c="dimmed" className="numbers">
          {last}
        </Text>
      </Group>
      {children}
    </Paper>
  );
}

/** The numbers of the last evaluation and the last step, with what they mean. */
function Numbers({ feed, run }: { feed: RunFeed; run: Run }) {
  const last = (name: string) => feed.last(name) ?? run.metrics[name];
  const numbers = [
    [
      'Held-out loss',
      fixed(last('validation.mlm.loss'), 3),
      'nats',
      'Loss on masked words of documents it never trained on; lower is better',
    ],
    [
      'Baseline',
      fixed(last('validation.baseline.mlm.loss'), 3),
      'nats',
      'The same loss for one who only knows how often each word occurs',
    ],
    [
      'Held-out accuracy',
      percent(last('validation.mlm.accuracy')),
      '',
      'Share of masked words guessed exactly right on held-out documents',
    ],
    [
      'Next sentence',
      fixed(last('validation.nsp.loss'), 3),
      'nats',
      'Loss of telling whether the second segment follows the first; guessing gives 0.693',
    ],
    [
      'Speed',
      count(last('train.tokensPerSecond')),
      'tokens/s',
      'Tokens trained on a second by all workers together, padding not counted',
    ],
  ] as const;
  return (
    <Paper className="panel" p="md">
      <Grid gap="sm">
        {numbers.map(([label, value, unit, help]) => (
          <Grid.Col key={label} span={{ base: 6, xs: 4, sm: 'auto' }}>
            <Quantity label={label} help={help} unit={value === '–' ? undefined : unit}>
              {value}
            </Quantity>
          </Grid.Col>
        ))}
      </Grid>
    </Paper>
  );
}

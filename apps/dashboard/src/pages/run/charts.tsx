import { Grid, Group, NativeSelect, Paper, SegmentedControl, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { Run } from '@regatta/contracts';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { Chart, type ChartProps } from '../../charts/chart.js';
import { Quantity } from '../../components/quantity.js';
import { compact, count, decimal, duration, fixed } from '../../lib/format.js';
import { isLoss, metricsOf, metricView, speed } from '../../lib/metrics.js';
import { palette } from '../../lib/palette.js';
import type { RunFeed } from '../../live/run-feed.js';
import './charts.css';
import { type Horizontal, metricCurves, recoveryBands, smoothed, stepTimeCurves, type View } from './curves.js';

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
  const [chosenLoss, setLoss] = useState<string | null>(null);
  const [chosenQuality, setQuality] = useState<string | null>(null);
  const [zoom, setZoom] = useState<ChartProps['zoom']>(null);
  const { x, smoothing } = view;
  const { version } = feed;
  // A stretch of steps is none of time.
  useEffect(() => setZoom(null), [x]);
  const measured = metricsOf([...feed.series.keys(), ...Object.keys(run.metrics)]);
  const losses = measured.filter(isLoss);
  const qualities = measured.filter((name) => !isLoss(name));
  const loss = chosenLoss ?? losses[0] ?? 'loss';
  const quality = chosenQuality ?? qualities[0];

  const curves = useMemo(() => {
    const look = view;
    const one = (name: string, label: string, color: string, weight = smoothing) => {
      const series = feed.series.get(name);
      return series ? smoothed(series, label, color, { ...look, smoothing: weight }) : [];
    };
    return {
      loss: metricCurves(feed, loss, look),
      quality: quality === undefined ? [] : metricCurves(feed, quality, look),
      speed: one('train.tokensPerSecond', 'tokens/s', palette.green),
      norm: one('train.gradNorm', 'norm', palette.purple),
      rate: one('train.learningRate', 'rate', palette.sky, 0),
      times: stepTimeCurves(feed, look),
      bands: recoveryBands(feed.events, look),
    };
  }, [feed, version, view, smoothing, loss, quality]);

  const shared = {
    zoom,
    onZoom: setZoom,
    bands: curves.bands,
    whole: x === 'step',
    sayX: (value: number) => sayPlace(x, value),
  };
  return (
    <div className="run-grid">
      <Stack gap="md" className="run-main">
        <Paper className="panel" p="md">
          <Group justify="space-between" mb="xs">
            <Title order={2}>Loss</Title>
            <Choice label="Which loss" names={losses} value={loss} onChange={setLoss} />
          </Group>
          {controls}
          <Chart
            {...shared}
            label={squared(run) ? 'Loss, a squared error' : 'Loss in nats'}
            curves={curves.loss}
            sayY={(value) => fixed(value, 3)}
            log={log}
          />
          <Text size="xs" c="dimmed">
            {squared(run) ? 'Squared error,' : 'In nats,'} lower is better. The dashed baseline is the best guess
            without a model; held-out points are on data that is never trained on. Drag to zoom, double-click to see
            all.
          </Text>
        </Paper>
        <Numbers feed={feed} run={run} />
      </Stack>
      <Stack gap="md" className="run-side">
        {children}
      </Stack>
      <Stack gap="md" className="run-rest">
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
          {quality !== undefined && (
            <Small
              title={metricView(quality).label}
              last={metricView(quality).say(feed.last(`validation.${quality}`) ?? feed.last(`train.${quality}`))}
              choice={<Choice label="Which measure" names={qualities} value={quality} onChange={setQuality} />}
            >
              <Chart
                {...shared}
                small
                label={metricView(quality).label}
                curves={curves.quality}
                sayY={(value) => metricView(quality).say(value)}
              />
            </Small>
          )}
          <Small title="Speed" last={speed(feed.last('train.tokensPerSecond'))}>
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

interface SmallProps {
  title: string;
  last: string;
  choice?: ReactNode;
  children: ReactNode;
}

function Small({ title, last, choice, children }: SmallProps) {
  return (
    <Paper className="panel" p="md">
      <Group justify="space-between" mb="xs" gap="xs">
        <Title order={2}>{title}</Title>
        <Text size="sm" c="dimmed" className="numbers">
          {last}
        </Text>
      </Group>
      {choice}
      {children}
    </Paper>
  );
}

interface ChoiceProps {
  label: string;
  names: string[];
  value: string;
  onChange: (name: string) => void;
}

/** Which of several measures is drawn; nothing where there is one. */
function Choice({ label, names, value, onChange }: ChoiceProps) {
  if (names.length < 2) return null;
  const data = names.map((name) => ({ value: name, label: metricView(name).label }));
  return names.length <= 3 ? (
    <SegmentedControl size="xs" aria-label={label} data={data} value={value} onChange={onChange} />
  ) : (
    <NativeSelect
      size="xs"
      aria-label={label}
      data={data}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function sayPlace(x: Horizontal, value: number): string {
  if (x === 'time') return duration(Math.max(0, value));
  if (x === 'epoch') return decimal(value, 3);
  return x === 'tokens' ? compact(value) : count(value);
}

/** A regression's loss is a squared error; all others are nats. */
const squared = ({ metrics }: Run): boolean => metrics['validation.pearson'] !== undefined;

const mostNumbers = 5;

/** The numbers of the last evaluation, beside what is reached without a model, and the speed. */
function Numbers({ feed, run }: { feed: RunFeed; run: Run }) {
  const last = (name: string) => feed.last(name) ?? run.metrics[name];
  const held = metricsOf(
    Object.keys(run.metrics)
      .concat([...feed.series.keys()])
      .filter((name) => name.startsWith('validation.')),
  );
  return (
    <Paper className="panel" p="md">
      <Grid gap="sm">
        {held.slice(0, mostNumbers).map((name) => {
          const { label, say, unit, help } = metricView(name);
          const trivial = last(`validation.baseline.${name}`);
          return (
            <Grid.Col key={name} span={{ base: 6, xs: 4, sm: 'auto' }}>
              <Quantity
                label={`${label}, held out`}
                help={help}
                unit={isLoss(name) && squared(run) ? undefined : unit || undefined}
                below={trivial == null ? undefined : `without a model ${say(trivial).replace(' ', '\u00a0')}`}
              >
                {say(last(`validation.${name}`))}
              </Quantity>
            </Grid.Col>
          );
        })}
        <Grid.Col span={{ base: 6, xs: 4, sm: 'auto' }}>
          <Quantity
            label="Speed"
            help="Tokens trained on a second by all workers together, padding not counted"
            unit={last('train.tokensPerSecond') == null ? undefined : 'tokens/s'}
          >
            {count(last('train.tokensPerSecond'))}
          </Quantity>
        </Grid.Col>
      </Grid>
    </Paper>
  );
}

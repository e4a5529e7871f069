import type { RefObject } from 'react';
import type uPlot from 'uplot';
import { drawBands, saidAt } from './bands.js';
import type { ChartProps } from './chart.js';
import { type Drawn, drawn } from './spread.js';

const css = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** uPlot's options for a chart; whatever changes while it stands is read through `latest`. */
export function chartOptions(
  latest: RefObject<ChartProps>,
  legend: HTMLElement,
  size: { width: number; height: number },
): uPlot.Options {
  const { log, whole, ticks } = latest.current;
  const curves = drawn(latest.current.curves);
  const dark = document.documentElement.dataset.mantineColorScheme === 'dark';
  const ink = css('--mantine-color-dimmed');
  const grid = { stroke: 'rgba(128, 128, 128, 0.18)', width: 1 };
  const axis = { stroke: ink, grid, ticks: { ...grid, size: 4 }, font: '11px system-ui', gap: 4 };
  return {
    ...size,
    cursor: {
      drag: { setScale: false, x: true, y: false },
      sync: { key: 'run', scales: ['x', null] },
      points: { size: 6 },
      bind: {
        dblclick: () => () => {
          latest.current.onZoom(null);
          return null;
        },
      },
    },
    select: { show: true, left: 0, top: 0, width: 0, height: 0 },
    legend: {
      mount: (_, table) => void legend.appendChild(table),
      markers: { fill: (_, index) => curves[index - 1]?.color ?? 'transparent' },
    },
    scales: {
      x: { time: false, range: (_, low, high) => latest.current.zoom ?? wide(low, high) },
      y: {
        distr: log ? 3 : 1,
        range: (_, low, high) => verticalRange(low, high, log === true, latest.current.fromZero === true),
      },
    },
    axes: [
      {
        ...axis,
        size: 28,
        ...(whole && { incrs: wholeNumbers }),
        ...(ticks && { splits: () => ticks }),
        values: (_, splits) => splits.map((split) => latest.current.sayX(split)),
      },
      {
        ...axis,
        size: 58,
        values: (_, splits) => splits.map((split) => (split == null ? '' : latest.current.sayY(split))),
      },
    ],
    series: [
      { label: 'at', value: (_, x) => (x == null ? 'the end' : latest.current.sayX(x)) },
      ...curves.map((curve) => line(curve, latest, dark)),
    ],
    bands: curves.flatMap(({ edge, color }, index): uPlot.Band[] =>
      edge === 'high' ? [{ series: [index + 1, index + 2], fill: `${color}38` }] : [],
    ),
    hooks: {
      drawClear: [(plot) => drawBands(plot, latest.current.bands ?? [], { ink, named: latest.current.small !== true })],
      setCursor: [
        (plot) => {
          plot.over.title = saidAt(plot, latest.current.bands ?? []);
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          // A press that hardly moved is a click, not a stretch to look at.
          if (width < 8) return;
          const zoom: [number, number] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')];
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          latest.current.onZoom(zoom);
        },
      ],
    },
  };
}

/** Steps between marks of an axis that counts: 1, 2, 5, 10, … */
const wholeNumbers = Array.from({ length: 9 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

const wide = (low: number | null, high: number | null): [number, number] =>
  low === null || high === null ? [0, 1] : [low, high > low ? high : low + 1];

function verticalRange(low: number | null, high: number | null, log: boolean, fromZero: boolean): [number, number] {
  if (low === null || high === null) return log ? [0.1, 10] : [0, 1];
  if (log) return low === high ? [low / 2, high * 2] : [low / 1.1, high * 1.1];
  const margin = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  return [fromZero ? 0 : low - margin, high + margin];
}

/** Raw curves are pale; on a dark page thin lines need more ink to be seen. */
function line(curve: Drawn, latest: RefObject<ChartProps>, dark: boolean): uPlot.Series {
  return {
    label: curve.label,
    class: curve.pale || curve.edge ? 'pale' : undefined,
    stroke: curve.color,
    ...(curve.dots === 'alone' && { paths: () => null }),
    alpha: curve.pale ? (dark ? 0.42 : 0.3) : 1,
    width: curve.edge ? 0 : curve.pale ? 1 : 2,
    dash: curve.dash === true ? [6, 5] : curve.dash ? [...curve.dash] : undefined,
    // Curves of other steps share the x axis: a hole there is no gap in this one.
    spanGaps: true,
    points: { show: curve.dots !== undefined && curve.dots !== false, size: 6, fill: curve.color },
    value: (plot, value, seriesIndex, index) => {
      const shown = index == null ? lastOf(plot.data[seriesIndex]) : value;
      return shown == null ? '–' : latest.current.sayY(shown);
    },
  };
}

function lastOf(values: ArrayLike<number | null | undefined>): number | null {
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i];
    if (value != null) return value;
  }
  return null;
}

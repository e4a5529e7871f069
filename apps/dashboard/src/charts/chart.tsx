import { Box, useComputedColorScheme } from '@mantine/core';
import { useElementSize, useMergedRef } from '@mantine/hooks';
import { useEffect, useLayoutEffect, useRef } from 'react';
import type uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import './chart.css';
import Plot from 'uplot';
import { ChartDownload } from './chart-download.js';
import { chartOptions } from './options.js';
import { type Drawn, drawn } from './spread.js';

export interface Curve {
  label: string;
  color: string;
  /** In order of x. */
  x: number[];
  y: (number | null)[];
  /** Drawn pale, behind the others: the raw curve of a smoothed one. */
  pale?: boolean;
  /** true, or lengths of dash and gap in pixels. */
  dash?: boolean | readonly number[];
  /** Lowest and highest around it, shaded: several runs of which it is the mean. */
  spread?: { low: (number | null)[]; high: (number | null)[] };
  /** Marks each point: for curves of few points; `alone`: without a line between them. */
  dots?: boolean | 'alone';
}

/** A stretch of x that is shaded and named: an interruption. */
export interface Band {
  from: number;
  to: number;
  /** Stands in the chart where it fits. */
  label: string;
  /** What is said when one points at it; else the label. */
  sentence?: string;
}

export interface ChartProps {
  /** What it shows, for those who can't see it; the last values are added. */
  label: string;
  curves: Curve[];
  /** How a value of y, and of x, is said. */
  sayY: (value: number) => string;
  sayX: (value: number) => string;
  bands?: Band[];
  log?: boolean;
  small?: boolean;
  /** x counts something: no marks between whole numbers. */
  whole?: boolean;
  /** Where x has its marks; else they are chosen by its range. */
  ticks?: number[];
  /** y starts at 0. */
  fromZero?: boolean;
  /** The part of x that is shown, shared by all charts of a page; null: all of it. */
  zoom: [number, number] | null;
  onZoom: (zoom: [number, number] | null) => void;
}

/** A line chart that grows without jumping: points are appended, the zoom stays. Drag to zoom, double-click for all. */
export function Chart(props: ChartProps) {
  const { label, curves, log = false, small = false, sayY } = props;
  const scheme = useComputedColorScheme('light');
  const { ref: sized, width, height } = useElementSize();
  const host = useRef<HTMLDivElement>(null);
  const legend = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const shape = curves.map(({ label, color, spread }) => `${label}${color}${spread !== undefined}`).join('|');

  // Made anew only when what it is made of changes; data and sizes are put into the one that stands.
  useLayoutEffect(() => {
    if (!host.current || !legend.current) return;
    const size = { width: host.current.clientWidth || 300, height: host.current.clientHeight || 150 };
    plot.current = new Plot(
      chartOptions(latest, legend.current, size),
      aligned(drawn(latest.current.curves)),
      host.current,
    );
    return () => {
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape, log, scheme]);

  useEffect(() => {
    if (width > 0 && height > 0) plot.current?.setSize({ width, height });
  }, [width, height]);

  useEffect(() => {
    plot.current?.setData(aligned(drawn(curves)));
  }, [curves, props.bands, props.zoom]);

  const last = curves
    .filter((curve) => !curve.pale && curve.y.length > 0)
    .map((curve) => `${curve.label} ${say(curve, sayY)}`);
  const empty = curves.every((curve) => curve.x.length === 0);
  return (
    <div className={empty ? 'chart-empty' : undefined}>
      <Box
        ref={useMergedRef(sized, host)}
        className={small ? 'chart small' : 'chart'}
        role="img"
        aria-label={`${label}. ${last.length > 0 ? `Last: ${last.join(', ')}` : 'No points yet'}`}
      />
      <div className="chart-foot">
        <div ref={legend} className="chart-legend" aria-hidden />
        {!empty && <ChartDownload label={label} curves={curves} plot={() => plot.current} />}
      </div>
    </div>
  );
}

function say(curve: Curve, sayY: (value: number) => string): string {
  const last = curve.y.at(-1);
  return last == null ? 'not finite' : sayY(last);
}

/** Curves of different x in uPlot's form: one x for all, holes where a curve has no point. */
function aligned(curves: Drawn[]): uPlot.AlignedData {
  if (curves.length === 0) return [[]];
  return Plot.join(curves.map(({ x, y }) => [x, y] as uPlot.AlignedData));
}

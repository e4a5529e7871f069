import type { Band, Curve } from '../../charts/chart.js';
import { duration } from '../../lib/format.js';
import { ranksOf } from '../../lib/metrics.js';
import { palette, rankColor } from '../../lib/palette.js';
import type { FeedEvent, RunFeed } from '../../live/run-feed.js';
import { type Series, smooth } from '../../live/series.js';

export type Horizontal = 'step' | 'time' | 'epoch' | 'tokens';

/** How the curves of a page are looked at. */
export interface View {
  x: Horizontal;
  /** Share of the past in the moving average, 0 to below 1. */
  smoothing: number;
  /** Milliseconds since 1970 of the run's start. */
  start: number;
  /** Where a step stands on an axis of epochs or tokens; for steps themselves it is not needed. */
  at?: (step: number) => number;
}

function horizontal(series: Series, { x, start, at }: View): number[] {
  if (x === 'time') return series.times.map((time) => (time - start) / 1000);
  return at ? series.steps.map(at) : series.steps;
}

/**
 * A metric of training as its moving average with the raw curve pale behind; its held-out form as marked points; its
 * trivial baseline as a dashed line across.
 * @param name without its prefix: `mlm.loss`
 */
export function metricCurves(feed: RunFeed, name: string, view: View): Curve[] {
  const train = feed.series.get(`train.${name}`);
  const validation = feed.series.get(`validation.${name}`);
  const baseline = feed.series.get(`validation.baseline.${name}`);
  const curves: Curve[] = [];
  if (train) curves.push(...smoothed(train, 'training', palette.blue, view));
  if (validation) {
    const x = horizontal(validation, view);
    curves.push({ label: 'held out', color: palette.orange, x, y: validation.values, dots: true });
  }
  const level = baseline?.values.at(-1);
  if (level != null) curves.push({ label: 'baseline', color: palette.grey, dash: true, ...across(level, feed, view) });
  return curves;
}

/** One curve, smoothed, with the raw one behind. */
export function smoothed(series: Series, label: string, color: string, view: View): Curve[] {
  const x = horizontal(series, view);
  if (view.smoothing === 0) return [{ label, color, x, y: series.values }];
  return [
    { label: `${label} (raw)`, color, x, y: series.values, pale: true },
    { label, color, x, y: smooth(series.values, view.smoothing) },
  ];
}

/** A level from one end of what has been trained to the other. */
function across(level: number, feed: RunFeed, view: View): { x: number[]; y: number[] } {
  const longest = feed.series.get('train.loss');
  const all = longest ? horizontal(longest, view) : [];
  const x = [...new Set([all[0] ?? 0, all.at(-1) ?? 0])];
  return { x, y: x.map(() => level) };
}

/** What a step costs each rank: computing (solid) and exchanging gradients (dashed), in seconds. */
export function stepTimeCurves(feed: RunFeed, view: View): Curve[] {
  return ranksOf(feed.series.keys()).flatMap((rank) =>
    (['computeMs', 'allReduceMs'] as const).flatMap((what): Curve[] => {
      const series = feed.series.get(`rank.${rank}.${what}`);
      if (!series) return [];
      const seconds = smooth(series.values, view.smoothing).map((value) => value && value / 1000);
      const label = `rank ${rank} ${what === 'computeMs' ? 'compute' : 'exchange'}`;
      return [{ label, color: rankColor(rank), x: horizontal(series, view), y: seconds, dash: what === 'allReduceMs' }];
    }),
  );
}

/** Interruptions: in steps what was repeated, in time how long nothing new was trained. */
export function recoveryBands(events: FeedEvent[], { x, start, at = (step) => step }: View): Band[] {
  return events.flatMap((event, index) => {
    if (event.type !== 'resumed') return [];
    const { resumedAfterSeconds, fromStep, stepsRepeated } = event.data as Record<string, number>;
    const loss = events.slice(0, index).findLast(({ type }) => type === 'worker-lost' || type === 'worker-left');
    const who = loss ? `rank ${loss.data.rank} ${loss.type === 'worker-lost' ? 'lost' : 'left'}` : 'interrupted';
    const label = `${who}, ${duration(resumedAfterSeconds)}`;
    const said = { label, sentence: [loss?.message, event.message].filter(Boolean).join(' ') };
    const end = (Date.parse(event.time) - start) / 1000;
    if (x === 'time') return [{ from: end - resumedAfterSeconds, to: end, ...said }];
    return [{ from: at(fromStep), to: at(fromStep + stepsRepeated), ...said }];
  });
}

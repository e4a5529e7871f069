import type uPlot from 'uplot';
import type { Band } from './chart.js';

/** Room between a band and its label, and around it, in CSS pixels. */
const gap = 4;

/** Where a band is drawn, in pixels, and how wide its label would be. */
export interface Place {
  left: number;
  right: number;
  label: number;
}

/**
 * Where each label starts: right of its band, else left of it, else nowhere. A label never covers another band or label,
 * nor leaves the chart.
 * @param places in order of `left`; `start`, `end`: the chart's edges
 */
export function labelStarts(places: readonly Place[], start: number, end: number, room = gap): (number | null)[] {
  let taken = start;
  return places.map(({ left, right, label }, index) => {
    const next = places[index + 1]?.left ?? end;
    const before = taken;
    taken = Math.max(taken, right);
    if (right < start || left > end) return null;
    if (right + room >= before && right + label + 2 * room <= next) {
      taken = right + room + label;
      return right + room;
    }
    return left - label - 2 * room >= before ? left - room - label : null;
  });
}

/** Interruptions, behind the curves; their names at the top where they fit. */
export function drawBands(plot: uPlot, bands: readonly Band[], { ink, named }: { ink: string; named: boolean }): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.font = `${11 * ratio}px system-ui`;
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  const sorted = [...bands].sort((a, b) => a.from - b.from);
  const places = sorted.map(({ from, to, label }): Place => {
    const left = plot.valToPos(from, 'x', true);
    const right = Math.max(left + 3 * ratio, plot.valToPos(to, 'x', true));
    return { left, right, label: ctx.measureText(label).width };
  });
  ctx.fillStyle = 'rgba(230, 159, 0, 0.28)';
  for (const { left, right } of places) ctx.fillRect(left, bbox.top, right - left, bbox.height);
  if (named) {
    ctx.fillStyle = ink;
    for (const [index, x] of labelStarts(places, bbox.left, bbox.left + bbox.width, gap * ratio).entries())
      if (x !== null) ctx.fillText(sorted[index].label, x, bbox.top + gap * ratio);
  }
  ctx.restore();
}

/** What happened where the pointer is, or within 4 pixels of it: one sentence a line; empty where nothing did. */
export function saidAt(plot: uPlot, bands: readonly Band[]): string {
  const x = plot.cursor.left;
  if (x === undefined || x < 0) return '';
  return bands
    .filter(({ from, to }) => plot.valToPos(from, 'x') - gap <= x && plot.valToPos(to, 'x') + gap >= x)
    .map(({ label, sentence }) => sentence ?? label)
    .join('\n');
}

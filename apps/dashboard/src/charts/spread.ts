import type { Curve } from './chart.js';

/** A curve as it is drawn; `edge`: a limit of a shaded spread, without a line of its own. */
export interface Drawn extends Curve {
  edge?: 'high' | 'low';
}

/** Each curve with a spread has its two edges before it. */
export const drawn = (curves: readonly Curve[]): Drawn[] =>
  curves.flatMap((curve): Drawn[] => {
    if (!curve.spread) return [curve];
    const { label, color, x, spread } = curve;
    return [
      { label: `${label} (highest)`, color, x, y: spread.high, edge: 'high' },
      { label: `${label} (lowest)`, color, x, y: spread.low, edge: 'low' },
      curve,
    ];
  });

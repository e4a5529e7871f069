import type { Curve } from '../../charts/chart.js';

export interface Points {
  x: number[];
  y: (number | null)[];
}

/**
 * Mean, lowest and highest of several curves at every x of any of them. Each counts between its own first and last point,
 * where it is taken as straight between two points.
 */
export function meanOf(curves: readonly Points[]): Points & { spread: NonNullable<Curve['spread']> } {
  const x = [...new Set(curves.flatMap((curve) => curve.x))].sort((a, b) => a - b);
  const each = curves.map((curve) => valuesAt(curve, x));
  const mean: Points['y'] = [];
  const low: Points['y'] = [];
  const high: Points['y'] = [];
  for (let i = 0; i < x.length; i++) {
    const known = each.map((values) => values[i]).filter((value) => value !== null);
    mean.push(known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : null);
    low.push(known.length > 0 ? Math.min(...known) : null);
    high.push(known.length > 0 ? Math.max(...known) : null);
  }
  return { x, y: mean, spread: { low, high } };
}

/** A curve's values at places in rising order; null outside of it and where it was not finite. */
function valuesAt({ x, y }: Points, places: readonly number[]): (number | null)[] {
  let next = 0;
  return places.map((place) => {
    while (next < x.length && x[next] < place) next++;
    if (x[next] === place) return y[next];
    const [before, after] = [y[next - 1], y[next]];
    if (next === 0 || next === x.length || before === null || after === null) return null;
    const share = (place - x[next - 1]) / (x[next] - x[next - 1]);
    return before + share * (after - before);
  });
}

/** Points of one metric in order of their steps, in columns (a run has tens of thousands). */
export interface Series {
  steps: number[];
  /** null where the number was not finite. */
  values: (number | null)[];
  /** Milliseconds since 1970. */
  times: number[];
}

/** More points than a screen has pixels are thinned, so that a page left open over night stays small. */
const mostPoints = 8000;

export const emptySeries = (): Series => ({ steps: [], values: [], times: [] });

/** Index of the first step that is not before `step`. */
function place(steps: number[], step: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] < step) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Puts a point where it belongs; a step that is there already is replaced, so that sending twice does no harm. */
export function putPoint(series: Series, step: number, value: number | null, time: number): void {
  const last = series.steps.at(-1);
  const at = last === undefined || step > last ? series.steps.length : place(series.steps, step);
  const replaced = series.steps[at] === step ? 1 : 0;
  series.steps.splice(at, replaced, step);
  series.values.splice(at, replaced, value);
  series.times.splice(at, replaced, time);
  if (series.steps.length > mostPoints) thin(series);
}

/** Halves a series: of each four neighbours the lowest and the highest stay, so that no spike is lost to the eye. */
export function thin(series: Series): void {
  const keep: number[] = [];
  for (let start = 0; start < series.steps.length; start += 4) {
    const end = Math.min(start + 4, series.steps.length);
    let low = start;
    let high = start;
    for (let i = start; i < end; i++) {
      if ((series.values[i] ?? Number.NaN) < (series.values[low] ?? Number.POSITIVE_INFINITY)) low = i;
      if ((series.values[i] ?? Number.NaN) > (series.values[high] ?? Number.NEGATIVE_INFINITY)) high = i;
    }
    keep.push(...(low === high ? [low] : [Math.min(low, high), Math.max(low, high)]));
  }
  const newest = series.steps.length - 1;
  if (keep.at(-1) !== newest) keep.push(newest);
  series.steps = keep.map((i) => series.steps[i]);
  series.values = keep.map((i) => series.values[i]);
  series.times = keep.map((i) => series.times[i]);
}

/**
 * Exponential moving average, corrected for its start at 0 as in Adam.
 * @param weight share of the past, 0 (none) to below 1
 */
export function smooth(values: readonly (number | null)[], weight: number): (number | null)[] {
  if (weight === 0) return [...values];
  let average = 0;
  let known = 1;
  return values.map((value) => {
    if (value === null) return null;
    average = weight * average + (1 - weight) * value;
    known *= weight;
    return average / (1 - known);
  });
}

import type { Series } from '../../live/series.js';

/** A pause between two points longer than this many usual ones trained nothing. */
const longest = 5;

/**
 * About how many tokens were trained until a step: the measured speed times the time between two steps. Interruptions, in
 * which nothing is trained, do not count.
 * @param speed train.tokensPerSecond
 */
export function tokenScale(speed: Series | undefined): (step: number) => number {
  if (!speed || speed.steps.length < 2) return (step) => step;
  const { steps, values, times } = speed;
  // Seconds a step, since thinned points stand at unequal distances.
  const paces = steps.slice(1).map((step, i) => (times[i + 1] - times[i]) / 1000 / (step - steps[i]));
  const usual = [...paces].sort((a, b) => a - b)[paces.length >> 1];
  const first = (values[0] ?? 0) * usual * steps[0];
  const totals = [first];
  for (let i = 1; i < steps.length; i++) {
    const pace = Math.min(paces[i - 1], longest * usual);
    totals.push(totals[i - 1] + (values[i] ?? 0) * pace * (steps[i] - steps[i - 1]));
  }
  const overall = totals[totals.length - 1] / steps[steps.length - 1];
  return (step) => {
    const next = upper(steps, step);
    if (next === 0) return (first / steps[0]) * step;
    if (next === steps.length) return totals[next - 1] + overall * (step - steps[next - 1]);
    const share = (step - steps[next - 1]) / (steps[next] - steps[next - 1]);
    return totals[next - 1] + share * (totals[next] - totals[next - 1]);
  };
}

/** Index of the first step after `step`. */
function upper(steps: readonly number[], step: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] <= step) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Lengths are rounded up to a multiple of this. */
const grain = 4;
const mostBuckets = 4;
/** Steps of an epoch that a bucket should fill at least: each costs graphs, and a rest that is padded more. */
const leastSteps = 4;

/**
 * At most four lengths to pad pairs to, ascending, the last of them at least `longest`: those that pad least, found exactly (dynamic
 * programming over the lengths that occur).
 * @param lengths tokens of the longer side of each training pair
 * @param longest the longest pair that there must be room for
 * @param maxLength what no length may exceed
 */
export function chooseBuckets(
  lengths: Int32Array,
  longest: number,
  globalBatchSize: number,
  maxLength: number,
): number[] {
  const round = (length: number) => Math.min(maxLength, Math.ceil(length / grain) * grain);
  const top = round(Math.max(longest, ...new Set(lengths)));
  const counts = new Map<number, number>([[top, 0]]);
  for (const length of lengths) counts.set(round(length), (counts.get(round(length)) ?? 0) + 1);
  const candidates = [...counts.keys()].sort((a, b) => a - b);
  // pairs up to and with each candidate
  let sum = 0;
  const upTo = candidates.map((length) => {
    sum += counts.get(length) as number;
    return sum;
  });
  const most = Math.max(1, Math.min(mostBuckets, Math.floor(lengths.length / (leastSteps * globalBatchSize))));
  // best[i]: the cheapest choice whose last bucket is candidate i
  let best = candidates.map((length, i) => ({ cost: length * upTo[i], chosen: [length] }));
  let cheapest = best[candidates.length - 1];
  for (let used = 2; used <= most; used++) {
    const before = best;
    best = candidates.map((length, i) => {
      let least = before[i];
      for (let j = 0; j < i; j++) {
        const cost = before[j].cost + length * (upTo[i] - upTo[j]);
        if (cost < least.cost) least = { cost, chosen: [...before[j].chosen, length] };
      }
      return least;
    });
    if (best[candidates.length - 1].cost < cheapest.cost) cheapest = best[candidates.length - 1];
  }
  return cheapest.chosen;
}

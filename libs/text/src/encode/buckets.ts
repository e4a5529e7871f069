/** Graphs a run may have. */
const mostBuckets = 4;
const shortest = 8;

/**
 * Lengths that rows are padded to, ascending, at most four: of powers of two and their one-and-a-halves up to the longest row, those that pad
 * least. A bucket but the last holds at least `fewest` rows, for a bucket's steps must fill.
 * @param lengths tokens of each row, at most maxLength
 */
export function lengthBuckets(lengths: Int32Array, maxLength: number, fewest: number): number[] {
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const ladder: number[] = [];
  for (let step = shortest; step < longest; step *= 2) ladder.push(step, step * 1.5);
  const top = Math.min(
    maxLength,
    ladder.find((length) => length >= longest) ?? shortest * 2 ** Math.ceil(Math.log2(longest / shortest)),
  );
  const candidates = ladder.filter((length) => length < Math.min(top, longest));
  const sorted = Int32Array.from(lengths).sort();
  const upTo = (bucket: number) => lowerBound(sorted, bucket + 1);
  let best = [top];
  let least = sorted.length * top;
  for (const chosen of subsets(candidates, mostBuckets - 1)) {
    const buckets = [...chosen, top];
    let before = 0;
    let padded = 0;
    const filled = buckets.every((bucket, b) => {
      const end = b === buckets.length - 1 ? sorted.length : upTo(bucket);
      padded += (end - before) * bucket;
      const enough = b === buckets.length - 1 || end - before >= fewest;
      before = end;
      return enough;
    });
    if (filled && padded < least) {
      best = buckets;
      least = padded;
    }
  }
  return best;
}

/** All ascending choices of 1 to `most` of the values. */
function subsets(values: readonly number[], most: number): number[][] {
  if (most === 0) return [];
  return values.flatMap((value, i) => [
    [value],
    ...subsets(values.slice(i + 1), most - 1).map((rest) => [value, ...rest]),
  ]);
}

/** Index of the first value that is at least x. */
function lowerBound(sorted: Int32Array, x: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Adds to the count of a key. */
export function count<K>(counts: Map<K, number>, key: K, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

/** The key with the highest count; of equal ones the first in code order, so that the order of the data does not matter. */
export function mostFrequent(counts: ReadonlyMap<string, number>): string {
  let best = '';
  let most = Number.NEGATIVE_INFINITY;
  for (const [key, n] of counts) {
    if (n > most || (n === most && key < best)) {
      best = key;
      most = n;
    }
  }
  return best;
}

/** Nats an item of guessing by frequency alone (add-one smoothing, one more item for what is new); NaN without an item. */
export function frequencyLoss(counts: ReadonlyMap<string, number>, heldOut: readonly string[]): number {
  let total = counts.size + 1;
  for (const n of counts.values()) total += n;
  const nats = heldOut.reduce((sum, item) => sum - Math.log(((counts.get(item) ?? 0) + 1) / total), 0);
  return nats / heldOut.length;
}

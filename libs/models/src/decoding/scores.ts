/** ((5 + length) / 6)^α: what a hypothesis of `length` tokens has its log-probability divided by (Wu et al., 2016, equation 14). */
export const lengthPenaltyOf = (length: number, alpha: number): number => ((5 + length) / 6) ** alpha;

/** log Σ exp over one row of logits [.., V], in float64. */
export function logSumExp(logits: Float32Array, row: number, vocabulary: number): number {
  const start = row * vocabulary;
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = start; i < start + vocabulary; i++) largest = Math.max(largest, logits[i]);
  let sum = 0;
  for (let i = start; i < start + vocabulary; i++) sum += Math.exp(logits[i] - largest);
  return largest + Math.log(sum);
}

/** The most probable token of a row; of equals the lowest id. */
export function argMax(logits: Float32Array, row: number, vocabulary: number): number {
  const start = row * vocabulary;
  let best = 0;
  for (let v = 1; v < vocabulary; v++) if (logits[start + v] > logits[start + best]) best = v;
  return best;
}

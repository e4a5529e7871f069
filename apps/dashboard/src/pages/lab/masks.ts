import { softmax } from './softmax.js';

/** Scores of `length` queries on as many keys, [query][key], always the same: the nearer, the higher, and a little of everything. */
export const scores = (length: number): number[][] =>
  Array.from({ length }, (_, query) =>
    Array.from({ length }, (_, key) => 1.5 * Math.cos(query * 1.7 + key * 2.3) - 0.35 * Math.abs(query - key)),
  );

/** Weights [query][key] of scores: keys from `valid` on are padding; where `causal`, later keys than the query are hidden. 1 ≤ valid. */
export const masked = (scores: readonly number[][], valid: number, causal: boolean): number[][] =>
  scores.map((row, query) =>
    softmax(row.map((score, key) => (key >= valid || (causal && key > query) ? Number.NEGATIVE_INFINITY : score))),
  );

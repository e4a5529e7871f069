/** Probabilities of logits, in float64. */
export function softmax(logits: ArrayLike<number>): Float64Array {
  let greatest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) greatest = Math.max(greatest, logits[i]);
  const scores = Float64Array.from(logits, (x) => Math.exp(x - greatest));
  let sum = 0;
  for (const score of scores) sum += score;
  return scores.map((score) => score / sum);
}

export const sigmoid = (logits: ArrayLike<number>): Float64Array =>
  Float64Array.from(logits, (x) => 1 / (1 + Math.exp(-x)));

/** Indices of the greatest `count` scores, greatest first; of equals the lower index. A vocabulary is not sorted for five words of it. */
export function likeliest(scores: Float64Array, count: number): number[] {
  const best: number[] = [];
  scores.forEach((score, index) => {
    if (best.length === count && !(score > scores[best[count - 1]])) return;
    let at = best.length;
    while (at > 0 && score > scores[best[at - 1]]) at--;
    best.splice(at, 0, index);
    if (best.length > count) best.pop();
  });
  return best;
}

/** exp(sᵢ) / Σ exp(sⱼ); a score of −∞ gets no weight. At least one score is finite. */
export function softmax(scores: readonly number[]): number[] {
  const greatest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - greatest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

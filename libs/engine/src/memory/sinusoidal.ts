/**
 * Fills a table [positions, width] with the sinusoids of "Attention Is All You Need" (Vaswani et al., 2017, 3.5) as initial values of
 * learned positions, of root mean square `rms`: number 2j of position i is sin(i / base^(2j / width)), number 2j + 1 the cosine.
 * The longest wavelength is ten times the table, so that every number tells positions apart; the paper's base of 10,000 leaves half
 * of them nearly constant over a short table.
 */
export function sinusoidal(table: Float32Array, positions: number, width: number, rms: number): void {
  const base = Math.max(1, (10 * positions) / (2 * Math.PI));
  for (let i = 0; i < positions; i++) {
    for (let k = 0; k < width; k++) {
      const angle = i / base ** ((k - (k % 2)) / width);
      table[i * width + k] = Math.SQRT2 * rms * (k % 2 === 0 ? Math.sin(angle) : Math.cos(angle));
    }
  }
}

/**
 * Sinusoidal positions (Vaswani et al., 2017, section 3.5), matrix[position][dimension]: number 2j of position i is sin(i / 10000^(2j / width)),
 * number 2j + 1 the cosine of the same angle.
 */
export const encoding = (length: number, width: number): number[][] =>
  Array.from({ length }, (_, i) =>
    Array.from({ length: width }, (_, k) => {
      const angle = i / 10_000 ** ((k - (k % 2)) / width);
      return k % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    }),
  );

/** R(δ), [dimension][dimension], with p(i + δ) = R(δ) p(i) for every i: each pair of dimensions is turned by δ times its frequency. `width` is even. */
export const offsetMap = (offset: number, width: number): number[][] =>
  Array.from({ length: width }, (_, row) =>
    Array.from({ length: width }, (_, column) => {
      const pair = row - (row % 2);
      if (pair !== column - (column % 2)) return 0;
      const angle = offset / 10_000 ** (pair / width);
      if (row === column) return Math.cos(angle);
      return row % 2 === 0 ? Math.sin(angle) : -Math.sin(angle);
    }),
  );

/** The largest ‖R p(i) − p(i + δ)‖ over all places of a matrix that have one δ further on; 0 where none has. */
export function residual(matrix: readonly number[][], map: readonly number[][], offset: number): number {
  const errors = matrix.slice(offset).map((there, i) => {
    const moved = map.map((row) => row.reduce((sum, value, k) => sum + value * matrix[i][k], 0));
    return Math.hypot(...moved.map((value, k) => value - there[k]));
  });
  return Math.max(0, ...errors);
}

import { EngineError } from '../../errors.js';

/** What a graph's shapes hang on, by name: `batch`, `sequence`. */
export type Sizes = Record<string, number>;

/** Σ coefficient · product of sizes. No term: 0; a term without sizes: a constant. */
export type SizeSum = { sizes: string[]; coefficient: number }[];

/** Two values of each size, primes, so that no product of sizes equals a dimension of the model by chance. */
const probes = [
  [11, 13],
  [7, 5],
  [17, 19],
];

/** Sizes at which a graph is recorded: every combination of two values each, and one more to check what was concluded from them. */
export function recordingSizes(names: readonly string[]): Sizes[] {
  const corners = Array.from({ length: 2 ** names.length }, (_, corner) =>
    Object.fromEntries(names.map((name, i) => [name, probes[i][(corner >> i) & 1]])),
  );
  return [...corners, Object.fromEntries(names.map((name, i) => [name, [3, 4, 2][i]]))];
}

/**
 * The sum of products of sizes that gives `values[i]` at `recordingSizes(names)[i]`.
 *
 * @throws EngineError `shape_not_linear` where there is none with whole coefficients
 */
export function fitSizes(names: readonly string[], values: readonly number[]): SizeSum {
  const sum = interpolate(names, values, 0, 0).filter(({ coefficient }) => coefficient !== 0);
  const check = recordingSizes(names).at(-1) as Sizes;
  const whole = sum.every(({ coefficient }) => Number.isInteger(coefficient));
  if (!whole || evaluate(sum, check) !== values.at(-1)) {
    throw new EngineError(
      'shape_not_linear',
      `No sum of products of ${names.join(', ')} gives the dimensions ${values.join(', ')}.`,
      'Export with fixed sizes.',
    );
  }
  return sum;
}

export const evaluate = (sum: SizeSum, sizes: Sizes): number =>
  sum.reduce((total, term) => total + term.sizes.reduce((product, name) => product * sizes[name], term.coefficient), 0);

/** Linear in size `i`, then in the ones behind it; `corner` has a bit for each size that is at its second value. */
function interpolate(names: readonly string[], values: readonly number[], i: number, corner: number): SizeSum {
  if (i === names.length) return [{ sizes: [], coefficient: values[corner] }];
  const [low, high] = probes[i];
  const at = interpolate(names, values, i + 1, corner);
  const above = interpolate(names, values, i + 1, corner | (1 << i));
  const slopes = at.map(({ coefficient }, t) => (above[t].coefficient - coefficient) / (high - low));
  return [
    ...at.map((term, t) => ({ ...term, coefficient: term.coefficient - slopes[t] * low })),
    ...at.map((term, t) => ({ sizes: [names[i], ...term.sizes], coefficient: slopes[t] })),
  ];
}

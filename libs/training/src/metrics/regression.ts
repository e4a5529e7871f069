const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** Mean squared error, in the values' unit squared; NaN without an example. */
export function meanSquaredError(expected: ArrayLike<number>, predicted: ArrayLike<number>): number {
  return mean(Array.from(expected, (value, i) => (value - predicted[i]) ** 2));
}

/**
 * Pearson's correlation, −1 to 1. 0 where one side is constant or there are fewer than two values (scipy: nan): a constant prediction
 * tells nothing.
 */
export function pearson(expected: ArrayLike<number>, predicted: ArrayLike<number>): number {
  if (isConstant(expected) || isConstant(predicted)) return 0;
  const a = centred(expected);
  const b = centred(predicted);
  const products = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, i) => sum + value * y[i], 0);
  const correlation = products(a, b) / Math.sqrt(products(a, a)) / Math.sqrt(products(b, b));
  return Math.max(-1, Math.min(1, correlation));
}

/** Spearman's correlation: Pearson's of the ranks, equal values sharing the mean of their ranks. */
export const spearman = (expected: ArrayLike<number>, predicted: ArrayLike<number>): number =>
  pearson(ranks(expected), ranks(predicted));

/** What a regression task reports. */
export function regressionMetrics(
  expected: ArrayLike<number>,
  predicted: ArrayLike<number>,
): { mse: number; pearson: number; spearman: number } {
  return {
    mse: meanSquaredError(expected, predicted),
    pearson: pearson(expected, predicted),
    spearman: spearman(expected, predicted),
  };
}

const isConstant = (values: ArrayLike<number>): boolean => Array.from(values).every((value) => value === values[0]);

function centred(values: ArrayLike<number>): number[] {
  const middle = mean(values);
  return Array.from(values, (value) => value - middle);
}

function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const result = new Float64Array(values.length);
  let first = 0;
  while (first < order.length) {
    let end = first + 1;
    while (end < order.length && values[order[end]] === values[order[first]]) end++;
    for (let i = first; i < end; i++) result[order[i]] = (first + 1 + end) / 2;
    first = end;
  }
  return result;
}

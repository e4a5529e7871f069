import { meanSquaredError } from '../metrics/index.js';

/** Scores of always guessing the mean of the training values: a constant, which correlates with nothing. `loss` is the squared error. */
export function regressionBaseline(train: readonly { value: number }[], heldOut: readonly { value: number }[]) {
  const mean = train.reduce((sum, { value }) => sum + value, 0) / train.length;
  const expected = heldOut.map(({ value }) => value);
  const mse = meanSquaredError(
    expected,
    expected.map(() => mean),
  );
  return { loss: mse, mse, pearson: 0, spearman: 0 };
}

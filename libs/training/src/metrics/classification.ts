import type { ConfusionMatrix, PerLabel } from '@regatta/contracts';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
const rowSums = ({ counts }: ConfusionMatrix): number[] => counts.map(sum);
const columnSums = ({ counts }: ConfusionMatrix): number[] =>
  counts.map((_, label) => sum(counts.map((row) => row[label])));
const diagonal = ({ counts }: ConfusionMatrix): number[] => counts.map((row, label) => row[label]);

/**
 * counts[i][j]: examples of label i that were taken for label j.
 * @param labels their order; labels that are not among them follow, sorted
 */
export function confusionMatrix(
  expected: readonly string[],
  predicted: readonly string[],
  labels: readonly string[] = [],
): ConfusionMatrix {
  const others = [...new Set([...expected, ...predicted])].filter((label) => !labels.includes(label)).sort();
  const all = [...labels, ...others];
  const numberOf = new Map(all.map((label, number) => [label, number]));
  const counts = all.map(() => new Array<number>(all.length).fill(0));
  expected.forEach((label, i) => {
    counts[numberOf.get(label) ?? 0][numberOf.get(predicted[i]) ?? 0]++;
  });
  return { labels: all, counts };
}

/** Share of right predictions, 0 to 1; NaN without an example. */
export const accuracy = (matrix: ConfusionMatrix): number => sum(diagonal(matrix)) / sum(rowSums(matrix));

/** Precision, recall and F1 of each label, 0 to 1 and 0 where undefined (scikit-learn's zero_division=0). */
export function perLabelScores(matrix: ConfusionMatrix): PerLabel {
  const support = rowSums(matrix);
  const predicted = columnSums(matrix);
  return diagonal(matrix).map((right, i) => ({
    label: matrix.labels[i],
    precision: ratio(right, predicted[i]),
    recall: ratio(right, support[i]),
    f1: ratio(2 * right, predicted[i] + support[i]),
    support: support[i],
  }));
}

/** Mean F1 of the labels that were expected or predicted at all, 0 to 1 (scikit-learn's average='macro'); NaN without an example. */
export function macroF1(matrix: ConfusionMatrix): number {
  const predicted = columnSums(matrix);
  const scores = perLabelScores(matrix).filter(({ support }, i) => support + predicted[i] > 0);
  return sum(scores.map(({ f1 }) => f1)) / scores.length;
}

/** Matthews' correlation for any number of labels (Gorodkin, 2004), −1 to 1; 0 where everything is, or is taken for, one label. */
export function matthews(matrix: ConfusionMatrix): number {
  const expected = rowSums(matrix);
  const predicted = columnSums(matrix);
  const total = sum(expected);
  const covariance = (a: readonly number[], b: readonly number[]) => sum(a.map((x, i) => x * b[i]));
  const both = sum(diagonal(matrix)) * total - covariance(expected, predicted);
  const spread = (total ** 2 - covariance(expected, expected)) * (total ** 2 - covariance(predicted, predicted));
  return ratio(both, Math.sqrt(spread));
}

/** What a classification task reports. */
export function classificationMetrics(matrix: ConfusionMatrix): {
  accuracy: number;
  macroF1: number;
  matthews: number;
} {
  return { accuracy: accuracy(matrix), macroF1: macroF1(matrix), matthews: matthews(matrix) };
}

/** Share of predictions that are the reference, blanks at the ends aside, 0 to 1; NaN without a line. */
export function exactMatch(predictions: readonly string[], references: readonly string[]): number {
  const right = predictions.filter((prediction, i) => prediction.trim() === references[i].trim()).length;
  return right / predictions.length;
}

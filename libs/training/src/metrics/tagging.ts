import type { PerLabel } from '@regatta/contracts';
import { accuracy, confusionMatrix, macroF1, perLabelScores } from './classification.js';
import { entityScores, isEntityScheme } from './entities.js';

export interface TaggingMetrics {
  /** Share of tokens with the right tag, 0 to 1. */
  accuracy: number;
  /** Entities' F1 (micro) where the tags mark entities; else the tokens', which is the accuracy. */
  f1: number;
  /** Mean F1 of the entities' types, or of the tags. */
  macroF1: number;
}

/** What a tagging task reports, and its table: a row a type of entity, or a tag. Sentences are lists of tags of equal lengths. */
export function taggingMetrics(
  expected: readonly (readonly string[])[],
  predicted: readonly (readonly string[])[],
): { metrics: TaggingMetrics; perLabel: PerLabel } {
  const matrix = confusionMatrix(expected.flat(), predicted.flat());
  const right = accuracy(matrix);
  if (!isEntityScheme(expected.flat())) {
    return { metrics: { accuracy: right, f1: right, macroF1: macroF1(matrix) }, perLabel: perLabelScores(matrix) };
  }
  const { f1, perType } = entityScores(expected, predicted);
  const mean = perType.reduce((sum, type) => sum + type.f1, 0) / perType.length;
  return { metrics: { accuracy: right, f1, macroF1: mean }, perLabel: perType };
}

import { classificationMetrics, confusionMatrix } from '../metrics/index.js';
import { count, frequencyLoss, mostFrequent } from './counts.js';
import { NaiveBayes } from './naive-bayes.js';

/** An example of a classification dataset, of one text or two. */
export interface LabelledText {
  text: string;
  textPair?: string | null;
  label: string;
}

export const textOf = ({ text, textPair }: LabelledText): string =>
  textPair === undefined || textPair === null ? text : `${text}\n${textPair}`;

/**
 * Scores without a network: of the most frequent label and of naive Bayes, for each metric the better one. `loss` is that of guessing
 * by the labels' frequencies; `majorityAccuracy` that of the most frequent label alone.
 * @param train at least one example
 */
export function classificationBaseline(train: readonly LabelledText[], heldOut: readonly LabelledText[]) {
  const counts = new Map<string, number>();
  for (const { label } of train) count(counts, label);
  const expected = heldOut.map(({ label }) => label);
  const majority = mostFrequent(counts);
  const bayes = new NaiveBayes(train.map((example) => ({ text: textOf(example), label: example.label })));
  const ofMajority = classificationMetrics(
    confusionMatrix(
      expected,
      expected.map(() => majority),
    ),
  );
  const ofBayes = classificationMetrics(
    confusionMatrix(
      expected,
      heldOut.map((example) => bayes.predict(textOf(example))),
    ),
  );
  return {
    loss: frequencyLoss(counts, expected),
    accuracy: Math.max(ofMajority.accuracy, ofBayes.accuracy),
    macroF1: Math.max(ofMajority.macroF1, ofBayes.macroF1),
    matthews: Math.max(ofMajority.matthews, ofBayes.matthews),
    majorityAccuracy: ofMajority.accuracy,
  };
}

import type { ClassificationExample, PairExample, PredictionSamples, RegressionExample } from '@regatta/contracts';
import { classificationBaseline, regressionBaseline } from '../../baselines/index.js';
import { classificationMetrics, confusionMatrix, perLabelScores, regressionMetrics } from '../../metrics/index.js';
import { classified, type Head, type HeadContext, shownLabels, shownPredictions, sortedLabels } from './head.js';

type Labelled = ClassificationExample | PairExample;
type Texts = { text: string; textPair?: string | null };

const row = ({ text, textPair }: Texts, { tokenizer, maxLength }: HeadContext) =>
  tokenizer.encodePair(text, textPair ?? null, maxLength);
const textsOf = ({ text, textPair }: Texts): string[] => (textPair == null ? [text] : [text, textPair]);
const shown = ({ text, textPair }: Texts): string => (textPair == null ? text : `${text} ⏵ ${textPair}`);

/** The label of a text or of a pair of texts. A prediction is a label's number. */
export const classificationHead: Head<Labelled, number> = {
  layout: 'row',
  metrics: ['accuracy', 'macroF1', 'matthews'],
  shape: (labels) => ({ kind: 'sequence-classification', labels: labels.length }),
  labelsOf: (examples) => sortedLabels(examples.map(({ label }) => label)),
  textsOf,
  encode(example, context) {
    const label = context.labels.indexOf(example.label);
    const { ids, tokenTypeIds } = row(example, context);
    return {
      rows: [{ ids, tokenTypeIds, labels: [label] }],
      judge([[logits]]) {
        const { nats, best } = classified(logits, label);
        return { prediction: best, loss: nats, correct: best === label ? 1 : 0, counted: label < 0 ? 0 : 1 };
      },
    };
  },
  baseline: classificationBaseline,
  report(examples, predictions, { labels }) {
    const expected = examples.map(({ label }) => label);
    const predicted = predictions.map((label) => labels[label]);
    const matrix = confusionMatrix(expected, predicted, labels);
    const samples: PredictionSamples = examples.slice(0, shownPredictions).map((example, i) => ({
      input: shown(example),
      expected: expected[i],
      predicted: predicted[i],
      correct: expected[i] === predicted[i],
    }));
    return {
      metrics: classificationMetrics(matrix),
      samples: {
        predictions: samples,
        'per-label': perLabelScores(matrix),
        ...(matrix.labels.length <= shownLabels && { 'confusion-matrix': matrix }),
      },
    };
  },
};

/** A number for a text or a pair of texts. A prediction is that number. */
export const regressionHead: Head<RegressionExample, number> = {
  layout: 'row',
  metrics: ['mse', 'pearson', 'spearman'],
  shape: () => ({ kind: 'regression' }),
  labelsOf: () => [],
  textsOf,
  encode(example, context) {
    const { ids, tokenTypeIds } = row(example, context);
    return {
      rows: [{ ids, tokenTypeIds, labels: [example.value] }],
      judge: ([[[value]]]) => ({ prediction: value, loss: (value - example.value) ** 2, correct: 0, counted: 1 }),
    };
  },
  baseline: regressionBaseline,
  report(examples, predictions) {
    const expected = examples.map(({ value }) => value);
    const samples: PredictionSamples = examples.slice(0, shownPredictions).map((example, i) => ({
      input: shown(example),
      expected: String(example.value),
      predicted: predictions[i].toPrecision(4),
      correct: null,
    }));
    return { metrics: regressionMetrics(expected, predictions), samples: { predictions: samples } };
  },
};

import type { PredictionSamples, TaggingExample } from '@regatta/contracts';
import { encodeWords } from '@regatta/text';
import { taggingBaseline } from '../../baselines/index.js';
import { confusionMatrix, taggingMetrics } from '../../metrics/index.js';
import { classified, type Head, shownLabels, shownPredictions, sortedLabels } from './head.js';

/** A tag for every word, learnt and read on its first piece. A prediction is the tags' numbers. */
export const taggingHead: Head<TaggingExample, number[]> = {
  layout: 'token',
  metrics: ['accuracy', 'f1', 'macroF1'],
  shape: (labels) => ({ kind: 'token-classification', labels: labels.length }),
  labelsOf: (examples) => sortedLabels(examples.flatMap(({ tags }) => tags)),
  textsOf: ({ tokens }) => [tokens.join(' ')],
  encode({ tokens, tags }, { tokenizer, maxLength, labels }) {
    const numbers = new Map(labels.map((label, i) => [label, i]));
    const windows = encodeWords(tokenizer, tokens, maxLength);
    const labelOf = (word: number): number => numbers.get(tags[word]) ?? -1;
    return {
      rows: windows.map(({ ids, positions, firstWord }) => {
        const row = new Int32Array(ids.length).fill(-1);
        positions.forEach((position, i) => {
          row[position] = labelOf(firstWord + i);
        });
        return { ids, labels: row };
      }),
      judge(logits) {
        const judged = { prediction: [] as number[], loss: 0, correct: 0, counted: 0 };
        windows.forEach(({ positions, firstWord }, w) => {
          positions.forEach((position, i) => {
            const label = labelOf(firstWord + i);
            const of = logits[w][0].subarray(position * labels.length, (position + 1) * labels.length);
            const { nats, best } = classified(of, label);
            judged.prediction.push(best);
            judged.loss += nats;
            judged.correct += best === label ? 1 : 0;
            judged.counted += label < 0 ? 0 : 1;
          });
        });
        return judged;
      },
    };
  },
  baseline: taggingBaseline,
  report(examples, predictions, { labels }) {
    const expected = examples.map(({ tags }) => tags);
    const predicted = predictions.map((tags) => tags.map((tag) => labels[tag]));
    const { metrics, perLabel } = taggingMetrics(expected, predicted);
    const matrix = confusionMatrix(expected.flat(), predicted.flat(), labels);
    const samples: PredictionSamples = examples.slice(0, shownPredictions).map(({ tokens, tags }, i) => ({
      input: tokens.join(' '),
      expected: tags.join(' '),
      predicted: predicted[i].join(' '),
      correct: tags.every((tag, word) => tag === predicted[i][word]),
    }));
    return {
      metrics: { ...metrics },
      samples: {
        predictions: samples,
        'per-label': perLabel,
        ...(matrix.labels.length <= shownLabels && { 'confusion-matrix': matrix }),
      },
    };
  },
};

import type { PredictionSamples, QuestionExample } from '@regatta/contracts';
import { answerTokens, encodeQuestion, rankAnswers } from '@regatta/text';
import { questionAnsweringBaseline } from '../../baselines/index.js';
import { squadScores } from '../../metrics/index.js';
import { classified, type Head, shownPredictions } from './head.js';

/** Units of a context that a sample shows. */
const shownContext = 300;

/**
 * An answer out of a context, which is read in overlapping windows. Trained on a question's first answer; the loss counts windows, those
 * without the answer pointing at [CLS]. A prediction is the answer's text, null for none.
 */
export const answerHead: Head<QuestionExample, string | null> = {
  layout: 'span',
  metrics: ['exactMatch', 'f1'],
  shape: () => ({ kind: 'question-answering' }),
  labelsOf: () => [],
  textsOf: ({ question, context }) => [question, context],
  encode({ question, context, answers: [answer] }, { tokenizer, maxLength, answers }) {
    const windows = encodeQuestion(tokenizer, question, context, { maxLength, documentStride: answers.documentStride });
    const spans = windows.map((window) => answerTokens(window, answer));
    return {
      rows: windows.map(({ ids, tokenTypeIds }, w) => ({ ids, tokenTypeIds, labels: spans[w] })),
      judge(logits) {
        let loss = 0;
        let correct = 0;
        spans.forEach((span, w) => {
          span.forEach((token, boundary) => {
            const { nats, best } = classified(logits[w][boundary], token);
            loss += nats / 2;
            correct += best === token ? 1 : 0;
          });
        });
        const [starts, ends] = [0, 1].map((boundary) => logits.map((row) => row[boundary]));
        const [best] = rankAnswers(windows, starts, ends, { context, ...answers });
        return { prediction: best?.answer ?? null, loss, correct, counted: windows.length };
      },
    };
  },
  baseline: (_, heldOut) => ({ ...questionAnsweringBaseline(heldOut) }),
  report(examples, predictions) {
    const expected = examples.map(({ answers }) => answers.map(({ text }) => text));
    const texts = predictions.map((answer) => answer ?? '');
    const samples: PredictionSamples = examples.slice(0, shownPredictions).map(({ question, context }, i) => ({
      input: `${question}\n${context.length > shownContext ? `${context.slice(0, shownContext)}…` : context}`,
      expected: [...new Set(expected[i])].join(' | '),
      predicted: texts[i],
      correct: squadScores([texts[i]], [expected[i]]).exactMatch === 1,
    }));
    return { metrics: squadScores(texts, expected), samples: { predictions: samples } };
  },
};

import { describe, expect, it } from '@jest/globals';
import type { QuestionExample } from '@regatta/contracts';
import { type Example, trainWordPiece } from '@regatta/text';
import { sampleExamples } from '../../../../../test/support/finetuning.js';
import { evaluateFinetuned, type FinetunedModel, type ModelRow } from './evaluate-finetuned.js';
import { type HeadContext, type RowLogits, sortedLabels } from './head.js';
import { headFor, type LabelledKind } from './heads.js';

const kinds = ['classification', 'pair-classification', 'regression', 'tagging', 'question-answering'] as const;

/** A long context in which the place is said once, and a question that it does not answer. */
const long = (example: QuestionExample, i: number): QuestionExample => {
  const before = 'grey old boats and some very old dogs '.repeat(i % 3);
  return {
    ...example,
    context: `${before}${example.context} ${'the end of it all '.repeat(i % 4)}`,
    answers: i % 5 === 4 ? [] : example.answers.map(({ text, start }) => ({ text, start: start + before.length })),
  };
};

function examplesOf(kind: LabelledKind): Example[] {
  const examples = sampleExamples(kind, 30);
  return kind === 'question-answering' ? examples.map((one, i) => long(one as QuestionExample, i)) : examples;
}

function contextOf(kind: LabelledKind, examples: Example[], maxLength = 24): HeadContext {
  const { head } = headFor(kind);
  return {
    tokenizer: trainWordPiece(
      examples.flatMap((example) => head.textsOf(example)),
      { vocabSize: 200, lowercase: true },
    ),
    maxLength,
    labels: head.labelsOf(examples),
    answers: { documentStride: 6, maxAnswerLength: 5, unanswerable: true },
  };
}

/** A model that says `of(label)` of every row: of what the row's label is. */
function modelOf(
  kind: LabelledKind,
  context: HeadContext,
  examples: Example[],
  of: (label: number, outputs: number) => Float32Array,
): FinetunedModel {
  const { head, kind: modelKind } = headFor(kind);
  const labels = examples.flatMap((example) => head.encode(example, context).rows.map((row) => Array.from(row.labels)));
  let next = 0;
  const logitsOf = ({ ids }: ModelRow): RowLogits => {
    expect(ids.length).toBeLessThanOrEqual(context.maxLength);
    const own = labels[next++];
    if (head.layout === 'span') return own.map((token) => of(token, ids.length));
    if (modelKind === 'regression') return [Float32Array.of(own[0])];
    return [Float32Array.from(own.flatMap((label) => Array.from(of(label, context.labels.length))))];
  };
  return { kind: modelKind, context, logits: async (rows) => rows.map(logitsOf) };
}

const right = (label: number, outputs: number) =>
  Float32Array.from({ length: outputs }, (_, i) => (i === label ? 30 : 0));
const undecided = (_: number, outputs: number) => new Float32Array(outputs);

describe.each(kinds)('evaluation on %s', (kind) => {
  const examples = examplesOf(kind);
  const context = contextOf(kind, examples);

  it('is perfect for a model that says what the labels say, over windows and back to the text', async () => {
    const {
      metrics,
      examples: count,
      samples,
    } = await evaluateFinetuned(modelOf(kind, context, examples, right), kind, examples);
    expect(count).toBe(30);
    const { loss, mse, ...scores } = metrics;
    expect(loss).toBeCloseTo(0, 9);
    expect(mse ?? 0).toBe(0);
    expect(['loss', ...headFor(kind).head.metrics].sort()).toEqual(Object.keys(metrics).sort());
    for (const score of Object.values(scores)) expect(score).toBeCloseTo(1, 9);
    const shown = samples.find((sample) => sample.kind === 'predictions')?.data as { correct: boolean | null }[];
    expect(shown.map(({ correct }) => correct)).toEqual(new Array(20).fill(kind === 'regression' ? null : true));
  });

  it('has the loss of guessing for a model that knows nothing', async () => {
    if (kind === 'regression') return;
    const { metrics } = await evaluateFinetuned(modelOf(kind, context, examples, undecided), kind, examples);
    const { head } = headFor(kind);
    const rows = examples.flatMap((example) => head.encode(example, context).rows);
    const nats = rows.map(({ ids }) => Math.log(ids.length)).reduce((a, b) => a + b) / rows.length;
    expect(metrics.loss).toBeCloseTo(kind === 'question-answering' ? nats : Math.log(context.labels.length), 6);
    expect(metrics.accuracy ?? metrics.exactMatch).toBeLessThan(0.9);
  });
});

describe('evaluateFinetuned', () => {
  const examples = examplesOf('classification');
  const context = contextOf('classification', examples);

  it('counts a label that the model does not know as wrong, and in no loss', async () => {
    const other = examples.map((example, i) => (i < 6 ? { ...example, label: 'stone' } : example)) as Example[];
    const { metrics, samples } = await evaluateFinetuned(
      modelOf('classification', context, other, right),
      'classification',
      other,
    );
    expect(metrics.accuracy).toBeCloseTo(0.8, 9);
    expect(metrics.loss).toBeCloseTo(0, 9);
    const matrix = samples.find((sample) => sample.kind === 'confusion-matrix')?.data as { labels: string[] };
    expect(matrix.labels).toEqual(['animal', 'fruit', 'stone']);
  });

  it('refuses another kind of dataset, and none', async () => {
    const model = modelOf('classification', context, examples, right);
    await expect(evaluateFinetuned(model, 'tagging', sampleExamples('tagging', 3))).rejects.toMatchObject({
      code: 'invalid',
    });
    await expect(evaluateFinetuned(model, 'text', [])).rejects.toThrow(/no labels/);
    await expect(evaluateFinetuned(model, 'classification', [])).rejects.toThrow(/no example/);
  });
});

it('labels are in the order of their numbers, else of their letters, on every machine', () => {
  expect(sortedLabels(['10', '9', '-1', '9'])).toEqual(['-1', '9', '10']);
  expect(sortedLabels(['b', 'ä', 'a', '10', '9', 'B'])).toEqual(['10', '9', 'B', 'a', 'b', 'ä']);
});

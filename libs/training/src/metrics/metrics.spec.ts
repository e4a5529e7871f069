import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { PerLabel } from '@regatta/contracts';
import {
  accuracy,
  answerF1,
  type BleuTokenization,
  bleu,
  bleuTokenizationOf,
  bleuTokens,
  chrf,
  chrfSignature,
  classificationMetrics,
  confusionMatrix,
  d2lBleu,
  d2lSentenceBleu,
  entitiesOf,
  entityScores,
  exactMatch,
  isEntityScheme,
  normalizeAnswer,
  perLabelScores,
  perplexity,
  qualityByLength,
  regressionMetrics,
  squadScores,
  taggingMetrics,
} from './index.js';

interface Golden {
  translation: {
    name: string;
    tokenize: BleuTokenization;
    predictions: string[];
    references: string[];
    tokens: string[][];
    bleu: number;
    precisions: number[];
    brevityPenalty: number;
    predictedLength: number;
    referenceLength: number;
    signature: string;
    chrf: number;
    chrfSignature: string;
  }[];
  d2l: { prediction: string; reference: string; k: number; bleu: number }[];
  classification: {
    name: string;
    expected: string[];
    predicted: string[];
    labels: string[];
    matrix: number[][];
    precision: number[];
    recall: number[];
    f1: number[];
    support: number[];
    accuracy: number;
    macroF1: number;
    matthews: number;
  }[];
  regression: {
    name: string;
    expected: number[];
    predicted: number[];
    mse: number;
    pearson: number | null;
    spearman: number | null;
  }[];
  tagging: {
    name: string;
    expected: string[][];
    predicted: string[][];
    entities: [string, number, number][][];
    precision: number;
    recall: number;
    f1: number;
    macroF1: number;
    perType: PerLabel;
  }[];
  squad: { prediction: string; answers: string[]; normalized: string; exactMatch: number; f1: number }[];
}
const golden: Golden = JSON.parse(readFileSync('test/golden/metrics.json', 'utf8'));
const named = <Row extends { name: string }>(rows: Row[]): [string, Row][] => rows.map((row) => [row.name, row]);

describe('translation', () => {
  it.each(named(golden.translation))('equals sacreBLEU: %s', (_, row) => {
    const ours = bleu(row.predictions, row.references, row.tokenize);
    expect(row.predictions.map((line) => bleuTokens(line, row.tokenize))).toEqual(row.tokens);
    expect([ours.predictedLength, ours.referenceLength]).toEqual([row.predictedLength, row.referenceLength]);
    expect(ours.bleu).toBeCloseTo(row.bleu, 9);
    expect(ours.brevityPenalty).toBeCloseTo(row.brevityPenalty, 12);
    expect(ours.precisions).toEqual(row.precisions.map((precision) => expect.closeTo(precision, 9)));
    expect(ours.signature).toBe(row.signature);
    expect(chrf(row.predictions, row.references)).toBeCloseTo(row.chrf, 9);
    expect(chrfSignature).toBe(row.chrfSignature);
  });

  it("equals the BLEU of Dive into Deep Learning's book", () => {
    for (const { prediction, reference, k, bleu: expected } of golden.d2l) {
      expect(d2lSentenceBleu(bleuTokens(prediction, 'none'), bleuTokens(reference, 'none'), k)).toBeCloseTo(
        expected,
        12,
      );
    }
    expect(d2lBleu(['a', 'x y'], ['a', 'a b'])).toBe(0.5);
  });

  it('takes the tokenization of the target language', () => {
    const languages = ['zh', 'zh-CN', 'ZH_tw', 'ja', 'fr', '', null];
    expect(languages.map(bleuTokenizationOf)).toEqual([
      'zh',
      'zh',
      'zh',
      'char',
      '13a',
      '13a',
      '13a',
    ] as BleuTokenization[]);
  });

  it('counts exact translations, blanks at the ends aside', () => {
    expect(exactMatch(['a b ', 'a  b', 'x'], ['a b', 'a b', 'X'])).toBeCloseTo(1 / 3);
  });

  it('groups quality by the length of the source', () => {
    const predictions = ['a b c d', 'x', 'e f g h', 'i j k l'];
    const rows = qualityByLength([4, 5, 9, 50], predictions, ['a b c d', 'y', 'e f g h', 'other words stand here']);
    expect(rows.map(({ from, to, examples, exact }) => [from, to, examples, exact])).toEqual([
      [0, 5, 1, 1],
      [5, 10, 2, 0.5],
      [50, null, 1, 0],
    ]);
    expect(rows[0].bleu).toBeCloseTo(100);
    expect(rows[1].bleu).toBeCloseTo(bleu(predictions.slice(1, 3), ['y', 'e f g h']).bleu);
  });

  it('gives the perplexity of a uniform guess as its choices', () => {
    expect(perplexity(3 * Math.log(7), 3)).toBeCloseTo(7);
  });
});

describe('classification', () => {
  it.each(named(golden.classification))('equals scikit-learn: %s', (_, row) => {
    const matrix = confusionMatrix(row.expected, row.predicted);
    expect([...matrix.labels].sort()).toEqual([...row.labels].sort());
    expect(confusionMatrix(row.expected, row.predicted, row.labels).counts).toEqual(row.matrix);
    const metrics = classificationMetrics(matrix);
    for (const name of ['accuracy', 'macroF1', 'matthews'] as const) expect(metrics[name]).toBeCloseTo(row[name], 12);
    perLabelScores(confusionMatrix(row.expected, row.predicted, row.labels)).forEach((score, i) => {
      for (const name of ['precision', 'recall', 'f1', 'support'] as const) {
        expect(score[name]).toBeCloseTo(row[name][i], 12);
      }
    });
  });

  it('leaves labels that never occur out of the mean', () => {
    const few = confusionMatrix(['a', 'b'], ['a', 'a'], ['a', 'b', 'never']);
    expect(few.counts[2]).toEqual([0, 0, 0]);
    expect(classificationMetrics(few)).toEqual(classificationMetrics(confusionMatrix(['a', 'b'], ['a', 'a'])));
    expect(accuracy(few)).toBe(0.5);
  });
});

describe('regression', () => {
  it.each(named(golden.regression))('equals scipy: %s', (_, row) => {
    const ours = regressionMetrics(row.expected, row.predicted);
    expect(ours.mse / (row.mse || 1)).toBeCloseTo(row.mse === 0 ? 0 : 1, 12);
    // scipy's nan is 0 here.
    expect(ours.pearson).toBeCloseTo(row.pearson ?? 0, 9);
    expect(ours.spearman).toBeCloseTo(row.spearman ?? 0, 12);
  });
});

describe('tagging', () => {
  it.each(named(golden.tagging))('equals seqeval: %s', (_, row) => {
    const { expected } = row;
    expect(expected.map((tags) => entitiesOf(tags).map(({ type, start, end }) => [type, start, end]))).toEqual(
      row.entities,
    );
    const { precision, recall, f1, perType } = entityScores(expected, row.predicted);
    expect([precision, recall, f1]).toEqual([row.precision, row.recall, row.f1].map((x) => expect.closeTo(x, 12)));
    expect(perType).toEqual(
      row.perType.map((type) => ({
        ...type,
        precision: expect.closeTo(type.precision, 12),
        recall: expect.closeTo(type.recall, 12),
        f1: expect.closeTo(type.f1, 12),
      })),
    );
    expect(taggingMetrics(expected, row.predicted).metrics.f1).toBeCloseTo(row.f1, 12);
    expect(taggingMetrics(expected, row.predicted).metrics.macroF1).toBeCloseTo(row.macroF1, 12);
  });

  it('counts tokens where the tags mark no entities', () => {
    const expected = [['at', 'nn', 'vb'], ['nn']];
    const { metrics, perLabel } = taggingMetrics(expected, [['at', 'nn', 'nn'], ['vb']]);
    expect(metrics).toEqual({ accuracy: 0.5, f1: 0.5, macroF1: (1 + 0.5 + 0) / 3 });
    expect(perLabel.map(({ label, support }) => [label, support])).toEqual([
      ['at', 1],
      ['nn', 2],
      ['vb', 1],
    ]);
    expect([['B-X', 'O'], ['O'], ['B', 'I'], ['IN', 'B-X'], ['E-mail']].map(isEntityScheme)).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
  });
});

describe('question answering', () => {
  it("equals SQuAD's evaluation", () => {
    for (const row of golden.squad) {
      expect(normalizeAnswer(row.prediction)).toBe(row.normalized);
      const ours = squadScores([row.prediction], [row.answers]);
      expect([row.prediction, ours.exactMatch]).toEqual([row.prediction, row.exactMatch]);
      expect(ours.f1).toBeCloseTo(row.f1, 12);
    }
    const all = squadScores(
      golden.squad.map((row) => row.prediction),
      golden.squad.map((row) => row.answers),
    );
    const mean = golden.squad.reduce((sum, row) => sum + row.f1, 0) / golden.squad.length;
    expect(all.f1).toBeCloseTo(mean, 12);
    expect(answerF1('the', 'An')).toBe(1);
  });
});

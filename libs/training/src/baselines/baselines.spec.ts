import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  classificationBaseline,
  NearestLine,
  questionAnsweringBaseline,
  regressionBaseline,
  taggingBaseline,
  translationBaseline,
} from './index.js';
import { NaiveBayes } from './naive-bayes.js';
import { mostSimilarSentence } from './question-answering.js';
import { wordsOf } from './words.js';

interface NaiveBayesGolden {
  train: [string, string][];
  test: [string, string][];
  predicted: string[];
}
const golden: NaiveBayesGolden = JSON.parse(readFileSync('test/golden/metrics.json', 'utf8')).naiveBayes;

describe('classification', () => {
  it("predicts what scikit-learn's naive Bayes predicts", () => {
    const bayes = new NaiveBayes(golden.train.map(([text, label]) => ({ text, label })));
    expect(golden.test.map(([text]) => bayes.predict(text))).toEqual(golden.predicted);
    expect(new Set(golden.predicted).size).toBe(3);
  });

  it('takes the better of naive Bayes and the most frequent label', () => {
    const train = ['good film', 'good play', 'bad film', 'so so'].map((text, i) => ({ text, label: 'ppnz'[i] }));
    const words = classificationBaseline(train, [
      { text: 'a good one', label: 'p' },
      { text: 'bad, bad', label: 'n' },
    ]);
    expect(words).toMatchObject({ accuracy: 1, macroF1: 1, matthews: 1, majorityAccuracy: 0.5 });
    expect(words.loss).toBeCloseTo(-(Math.log(3 / 8) + Math.log(2 / 8)) / 2, 12);
    const misleading = classificationBaseline(train, [
      { text: 'bad', label: 'p' },
      { text: 'bad', textPair: 'bad', label: 'p' },
    ]);
    expect(misleading).toMatchObject({ accuracy: 1, majorityAccuracy: 1 });
  });

  it('reads both texts of a pair', () => {
    const train = [
      { text: 'x', textPair: 'yes', label: 'a' },
      { text: 'x', textPair: 'no', label: 'b' },
    ];
    expect(classificationBaseline(train, [{ text: 'x', textPair: 'no', label: 'b' }]).accuracy).toBe(1);
  });

  it('has a finite loss for a label that the training split lacks', () => {
    const { loss, accuracy } = classificationBaseline([{ text: 'a', label: 'x' }], [{ text: 'a', label: 'new' }]);
    expect(loss).toBeCloseTo(Math.log(3));
    expect(accuracy).toBe(0);
  });
});

describe('regression', () => {
  it('guesses the mean of the training split', () => {
    const scores = regressionBaseline([{ value: 1 }, { value: 3 }], [{ value: 2 }, { value: 5 }]);
    expect(scores).toEqual({ loss: 4.5, mse: 4.5, pearson: 0, spearman: 0 });
  });
});

describe('tagging', () => {
  it("gives a word its most frequent tag, and a new word everyone's", () => {
    const train = [
      { tokens: ['the', 'run', 'the'], tags: ['AT', 'NN', 'AT'] },
      { tokens: ['run', 'run', 'Run'], tags: ['VB', 'VB', 'NN'] },
      { tokens: ['of'], tags: ['IN'] },
    ];
    const scores = taggingBaseline(train, [
      { tokens: ['the', 'run'], tags: ['AT', 'NN'] },
      { tokens: ['of', 'new'], tags: ['IN', 'NN'] },
    ]);
    // "run" → VB is wrong, "new" → AT (2 of 7; NN and VB have 2 as well, AT is the first) is wrong.
    expect(scores.accuracy).toBe(0.5);
    expect(scores.f1).toBe(0.5);
    const prior = (tag: number) => (tag + 1) / (7 + 4 + 1);
    const probabilities = [(2 + prior(2)) / 3, (1 + prior(2)) / 4, (1 + prior(1)) / 2, prior(2)];
    expect(scores.loss).toBeCloseTo(-probabilities.reduce((sum, p) => sum + Math.log(p), 0) / 4, 12);
  });

  it('scores entities where the tags mark them', () => {
    const train = [{ tokens: ['in', 'New', 'York'], tags: ['O', 'B-LOC', 'I-LOC'] }];
    const scores = taggingBaseline(train, [
      { tokens: ['New', 'York', 'in'], tags: ['B-LOC', 'I-LOC', 'O'] },
      { tokens: ['York'], tags: ['B-PER'] },
    ]);
    expect(scores.accuracy).toBe(0.75);
    expect(scores.f1).toBeCloseTo(0.5);
  });
});

describe('question answering', () => {
  const context = 'Bonn was the capital. Berlin is the capital of Germany now! Paris is in France.';
  it('answers with the most similar sentence, or not at all', () => {
    expect(mostSimilarSentence('What is the capital of Germany?', context)).toBe(
      'Berlin is the capital of Germany now!',
    );
    const answered = { question: 'capital of Germany?', context, answers: [{ text: 'Berlin' }] };
    const impossible = { question: 'Who?', context, answers: [] };
    expect(questionAnsweringBaseline([answered]).exactMatch).toBe(0);
    expect(questionAnsweringBaseline([answered]).f1).toBeCloseTo(2 / 7);
    expect(questionAnsweringBaseline([answered, impossible, impossible])).toEqual({ exactMatch: 2 / 3, f1: 2 / 3 });
    expect(questionAnsweringBaseline([{ ...impossible, context: '' }])).toEqual({ exactMatch: 1, f1: 1 });
  });
});

describe('translation', () => {
  it('finds the line that a plain search finds', () => {
    const line = fc
      .array(fc.constantFrom('a', 'b', 'c', 'd', 'e,', '中', 'A'), { maxLength: 6 })
      .map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 20 }), line, (lines, query) => {
        const asked = new Set(wordsOf(query));
        const similarity = (text: string) => {
          const words = new Set(wordsOf(text));
          const shared = [...words].filter((word) => asked.has(word)).length;
          return shared === 0 ? 0 : (2 * shared) / (words.size + asked.size);
        };
        const best = lines.reduce((most, text, i) => (similarity(text) > similarity(lines[most]) ? i : most), 0);
        expect(new NearestLine(lines).find(query)).toBe(best);
      }),
      { numRuns: 300, seed: 6 },
    );
  });

  it('lets rare words choose and frequent ones decide in many lines', () => {
    const lines = Array.from({ length: 12_000 }, (_, i) => `the of word${i % 6000}${i >= 6000 ? ' extra' : ''}`);
    expect(new NearestLine(lines).find('the of word77 extra')).toBe(6077);
    expect(new NearestLine(lines).find('of the word77')).toBe(77);
  });

  it('copies the translation of the nearest line, and guesses tokens by frequency', () => {
    const train = [
      { source: 'open the file', target: 'a b c d e' },
      { source: 'close the door', target: 'x x' },
    ];
    const targetIds = (target: string) => [...target.split(' ').map((letter) => letter.charCodeAt(0) - 90), 0];
    const scores = translationBaseline(
      train,
      [
        { source: 'Open a file', target: 'a b c d e' },
        { source: 'close', target: 'y' },
      ],
      { tokenization: '13a', targetIds, vocabSize: 40 },
    );
    expect(scores.exactMatch).toBe(0.5);
    expect(scores.bleu).toBeGreaterThan(50);
    // 9 tokens in training, 40 in the vocabulary; held out: a … e and the end token, twice seen; y, never, and the end token.
    const nats = -(5 * Math.log(2 / 49) + 2 * Math.log(3 / 49) + Math.log(1 / 49));
    expect(scores.loss).toBeCloseTo(nats / 8, 12);
    expect(scores.perplexity).toBeCloseTo(Math.exp(nats / 8), 9);
  });
});

import { describe, expect, it } from '@jest/globals';
import { type ModelKind, predictBodies } from '@regatta/contracts';
import { predictBodyOf, type Question, spoken } from './predict.js';

describe('predictBodyOf', () => {
  it.each<[ModelKind, Question]>([
    ['pretraining', { text: 'the [MASK]', top: '3' }],
    ['pretraining', { text: 'a', pair: 'b' }],
    ['sequence-classification', { text: 'a', top: '2' }],
    ['sequence-classification', { text: 'a', pair: 'b' }],
    ['regression', { text: 'a', pair: 'b' }],
    ['token-classification', { text: 'a' }],
    ['question-answering', { text: 'who?', context: 'you', top: '2' }],
    ['translation', { text: 'go .', beam: '2' }],
  ])('is what a model of the kind %s takes: %j', (kind, question) => {
    expect(predictBodies[kind].safeParse(predictBodyOf(kind, question))).toMatchObject({ success: true });
  });
});

describe('spoken', () => {
  it.each<[object, string]>([
    [
      {
        results: [
          [
            [
              { token: 'cat', score: 0.5 },
              { token: 'dog', score: 0.25 },
            ],
            [{ token: 'sat', score: 1 }],
          ],
        ],
      },
      'cat (50.0 %)  dog (25.0 %)\nsat (100.0 %)',
    ],
    [{ results: [{ isNext: 0.75 }] }, 'is next: 75.0 %'],
    [
      {
        results: [
          [
            { label: 'good', score: 0.9 },
            { label: 'bad', score: 0.1 },
          ],
        ],
      },
      'good (90.0 %)  bad (10.0 %)',
    ],
    [
      {
        results: [
          [
            { label: 'NOUN', text: 'cat', start: 0, end: 3, score: 0.9 },
            { label: 'VERB', text: 'sat', start: 4, end: 7, score: 0.8 },
          ],
        ],
      },
      'cat NOUN (90.0 %)\nsat VERB (80.0 %)',
    ],
    [{ results: [{ value: 2.5 }] }, '2.500'],
    [{ answer: 'you', start: 0, end: 3, score: 0.5 }, 'you (50.0 %)'],
    [{ answer: null, start: null, end: null, score: 0.5 }, 'not answered by the context (50.0 %)'],
    [{ results: [{ text: 'va !', score: -0.4, tokens: ['va', '!'] }] }, 'va !'],
  ])('%j', (result, words) => {
    expect(spoken(result)).toBe(words);
  });
});

import { describe, expect, it } from '@jest/globals';
import { metricsOf, metricView, ranksOf } from './metrics.js';

describe('metricsOf', () => {
  it('takes what is measured, not baselines, rates or times, the most telling first', () => {
    const names = [
      'train.loss',
      'validation.accuracy',
      'validation.baseline.macroF1',
      'validation.bleu',
      'rank.0.computeMs',
    ];
    expect(metricsOf([...names, 'train.gradNorm', 'train.accuracy'])).toEqual(['loss', 'bleu', 'accuracy']);
  });
});

describe('metricView', () => {
  it('says every metric in its unit', () => {
    expect(metricView('accuracy').say(0.5)).toBe('50.0 %');
    expect(metricView('bleu').say(45.23)).toBe('45.2');
    expect(metricView('something').label).toBe('something');
  });
});

describe('ranksOf', () => {
  it('finds the ranks in order', () => {
    expect(ranksOf(['rank.10.computeMs', 'rank.2.computeMs', 'rank.2.allReduceMs'])).toEqual([2, 10]);
  });
});

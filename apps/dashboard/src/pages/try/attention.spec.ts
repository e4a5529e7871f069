import { describe, expect, it } from '@jest/globals';
import { kindsOf, tokensOf, weightsOf } from './attention.js';

const layers = [
  [[[1, 0]], [[0, 1]]],
  [[[0.5, 0.5]], [[0.25, 0.75]]],
];

describe('attention to look at', () => {
  it('is that of one head, or the mean of a layer', () => {
    expect(weightsOf(layers, 0, 1)).toEqual([[0, 1]]);
    expect(weightsOf(layers, 1, null)).toEqual([[0.375, 0.625]]);
    expect(weightsOf(layers, 9, 9)).toEqual([[0.25, 0.75]]);
  });

  it('is the alignment first, and nothing where there is none', () => {
    const maps = { self: layers, cross: layers, tokens: ['a', 'b'], targetTokens: ['c'] };
    expect(kindsOf(maps)).toEqual(['cross', 'self']);
    expect(kindsOf({ ...maps, self: null, cross: null })).toEqual([]);
    expect(tokensOf(maps, 'cross')).toEqual({ rows: ['c'], columns: ['a', 'b'] });
    expect(tokensOf(maps, 'self')).toEqual({ rows: ['a', 'b'], columns: ['a', 'b'] });
  });
});

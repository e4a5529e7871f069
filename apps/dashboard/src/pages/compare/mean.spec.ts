import { describe, expect, it } from '@jest/globals';
import { meanOf } from './mean.js';

describe('meanOf', () => {
  it('takes curves of other steps between their points, and only as far as they go', () => {
    const { x, y, spread } = meanOf([
      { x: [0, 2, 4], y: [0, 2, 4] },
      { x: [1, 3], y: [5, 7] },
    ]);
    expect(x).toEqual([0, 1, 2, 3, 4]);
    expect(y).toEqual([0, 3, 4, 5, 4]);
    expect(spread).toEqual({ low: [0, 1, 2, 3, 4], high: [0, 5, 6, 7, 4] });
  });

  it('passes over what was not finite', () => {
    const { y } = meanOf([
      { x: [1, 2, 3], y: [1, null, 3] },
      { x: [1, 2, 3], y: [3, 4, null] },
    ]);
    expect(y).toEqual([2, 4, 3]);
  });
});

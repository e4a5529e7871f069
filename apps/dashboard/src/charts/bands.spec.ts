import { describe, expect, it } from '@jest/globals';
import { labelStarts } from './bands.js';

const band = (left: number, right: number, label = 50) => ({ left, right, label });

describe('labelStarts', () => {
  it('puts a label right of its band, or left of it at the end of the chart', () => {
    expect(labelStarts([band(20, 30), band(180, 190)], 0, 200)).toEqual([34, 126]);
  });

  it('leaves out what would cover another band, another label or the edge', () => {
    // the second one's label would cover the third band on one side and the first one on the other
    expect(labelStarts([band(10, 20), band(40, 43), band(60, 63)], 0, 200)).toEqual([null, null, 67]);
    expect(labelStarts([band(60, 70), band(180, 190, 80)], 0, 200)).toEqual([74, null]);
    expect(labelStarts([band(10, 40)], 0, 60)).toEqual([null]);
  });

  it('names none that is out of sight', () => {
    expect(labelStarts([band(-40, -20), band(10, 20), band(300, 310)], 0, 200)).toEqual([null, 24, null]);
  });
});

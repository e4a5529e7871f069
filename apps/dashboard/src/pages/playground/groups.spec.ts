import { describe, expect, it } from '@jest/globals';
import type { Model } from '../../api/types.js';
import { modelGroups, nearestStep, viewsOf } from './groups.js';

const model = (id: string, kind: Model['kind']) => ({ id, name: `name of ${id}`, kind }) as Model;

describe('the models to choose from', () => {
  it('stand together by what they do, in the order they came', () => {
    const models = [model('t', 'translation'), model('a', 'pretraining'), model('e', null), model('b', 'pretraining')];
    expect(modelGroups(models).map(({ group, items }) => [group, ...items.map(({ value }) => value)])).toEqual([
      ['fills gaps', 'a', 'b'],
      ['translates', 't'],
      ['an encoder without a head', 'e'],
    ]);
  });

  it('are asked what they can answer', () => {
    const asked = (kind: Model['kind']) => viewsOf(kind).map(({ value }) => value);
    expect(asked('pretraining')).toEqual(['answer', 'next-sentence', 'neighbours']);
    expect(asked('translation')).toEqual(['answer']);
    expect(asked(null)).toEqual(['neighbours']);
  });

  it('have checkpoints, of which the nearest is taken', () => {
    expect(nearestStep([25, 50, 75], 60)).toBe(50);
    expect(nearestStep([25, 50, 75], 999)).toBe(75);
  });
});

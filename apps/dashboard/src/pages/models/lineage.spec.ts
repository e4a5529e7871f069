import { describe, expect, it } from '@jest/globals';
import type { Model } from '../../api/types.js';
import { lineageOf } from './lineage.js';

describe('lineageOf', () => {
  const model = (id: string, base: string | null, createdAt = '2026-01-01T00:00:00Z') =>
    ({ id, name: id, base: base === null ? null : { id: base, name: base }, createdAt }) as Model;
  const root = model('root', null);
  const middle = model('middle', 'root');
  const leaf = model('leaf', 'middle');

  it('goes up to the first model, and down to what was made from this one', () => {
    const later = model('later', 'middle', '2026-02-01T00:00:00Z');
    const lineage = lineageOf(middle, [later, leaf, middle, root]);
    expect(lineage).toEqual({ bases: [root], made: [leaf, later] });
    expect(lineageOf(leaf, [leaf, middle, root]).bases).toEqual([root, middle]);
    expect(lineageOf(root, [leaf, middle, root])).toEqual({ bases: [], made: [middle] });
  });

  it('ends at a base of which only the name is known', () => {
    expect(lineageOf(leaf, [leaf]).bases).toEqual([{ id: 'middle', name: 'middle' }]);
  });
});

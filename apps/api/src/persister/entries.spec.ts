import { describe, expect, it } from '@jest/globals';
import { newId } from '@regatta/contracts';
import { compareIds, nextId, readEntries } from './entries.js';

describe('stream ids', () => {
  it('are ordered by their numbers, not their letters', () => {
    const ordered = ['0-0', '5-0', '5-9', '5-10', '10-0', '9007199254740993-0'];
    for (const [i, a] of ordered.entries())
      for (const [j, b] of ordered.entries()) expect(Math.sign(compareIds(a, b))).toBe(Math.sign(i - j));
  });

  it('have a next one', () => {
    expect(nextId('12-3')).toBe('12-4');
    expect(compareIds(nextId('12-18446744073709551614'), '12-18446744073709551614')).toBe(1);
  });
});

describe('readEntries', () => {
  const good = {
    type: 'metrics',
    runId: newId(),
    generation: 1,
    time: new Date().toISOString(),
    step: 3,
    epoch: 0,
    values: { x: 1 },
  };

  it('puts aside what cannot be stored, with the reason, and keeps the order of the rest', () => {
    const datas = [
      JSON.stringify(good),
      '{',
      undefined,
      JSON.stringify({ ...good, step: 2 ** 31 }),
      JSON.stringify({ ...good, values: { 'a\0': 1 } }),
    ];
    const { entries, unreadable } = readEntries([
      ...datas.map((data, i) => ({ id: `${i}-0`, data })),
      { id: '9-0', data: datas[0] },
    ]);
    expect(entries.map(({ id }) => id)).toEqual(['0-0', '9-0']);
    expect(unreadable.map(({ id }) => id)).toEqual(['1-0', '2-0', '3-0', '4-0']);
    expect(unreadable[2].reason).toMatch(/too large/);
  });
});

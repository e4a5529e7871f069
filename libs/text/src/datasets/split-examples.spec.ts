import { describe, expect, it } from '@jest/globals';
import type { SplitName } from '@regatta/contracts';
import fc from 'fast-check';
import { splitExamples } from './split-examples.js';

interface Item {
  split: SplitName | null;
  key: string;
}
const options = { validationFraction: 0.1, seed: 3, keyOf: ({ key }: Item) => key };
const items = (keys: readonly (string | number)[], split: SplitName | null = null): Item[] =>
  keys.map((key) => ({ split, key: String(key) }));
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('splitExamples', () => {
  it('draws the share that was asked for, by the seed alone', () => {
    const examples = items(range(203));
    const split = splitExamples(examples, options);
    expect(split.validation.length).toBe(20);
    expect(splitExamples(examples, options)).toEqual(split);
    expect(splitExamples(examples, { ...options, seed: 4 }).validation).not.toEqual(split.validation);
  });

  it('spreads what it holds out', () => {
    const { validation } = splitExamples(items(range(1000)), { ...options, validationFraction: 0.5 });
    const firstHalf = validation.filter((i) => i < 500).length;
    expect(firstHalf).toBeGreaterThan(200);
    expect(firstHalf).toBeLessThan(300);
  });

  it('keeps a split that the data brings', () => {
    const examples = [
      ...items(['a', 'b'], 'train'),
      ...items(['c'], 'validation'),
      ...items(['d'], 'test'),
      ...items(['e']),
    ];
    expect(splitExamples(examples, options)).toEqual({
      train: Int32Array.of(0, 1, 4),
      validation: Int32Array.of(2),
      test: Int32Array.of(3),
    });
  });

  it('holds the test split out where there is no validation split', () => {
    const examples = [...items(['a'], 'test'), ...items(['b'], 'train')];
    expect(splitExamples(examples, options)).toEqual({
      train: Int32Array.of(1),
      validation: Int32Array.of(0),
      test: Int32Array.of(0),
    });
  });

  it('draws from training data that brings nothing else', () => {
    expect(splitExamples(items(range(40), 'train'), options).validation.length).toBe(4);
  });

  it.each([
    ['one group', items(['a', 'a', 'a']), 0.5, 0],
    ['a share of nothing', items(range(9)), 0, 0],
    ['two groups and a small share', items(['a', 'b']), 0.01, 1],
    ['two groups and a large share', items(['a', 'b']), 0.99, 1],
    ['groups larger than the share', items(['a', 'a', 'a', 'b', 'b', 'c', 'c', 'c']), 0.1, 2],
    ['nothing', [], 0.5, 0],
  ])('holds out of %s', (_what, examples, validationFraction, held) => {
    expect(splitExamples(examples, { ...options, validationFraction }).validation.length).toBe(held);
  });

  it('never puts equal keys on both sides, and loses nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 60 }),
        fc.double({ min: 0, max: 0.95, noNaN: true }),
        fc.nat(1000),
        (keys, validationFraction, seed) => {
          const examples = items(keys);
          const { train, validation, test } = splitExamples(examples, { ...options, validationFraction, seed });
          const held = new Set(Array.from(validation, (i) => keys[i]));
          expect(Array.from(train).some((i) => held.has(keys[i]))).toBe(false);
          expect([...train, ...validation].sort((a, b) => a - b)).toEqual(range(keys.length));
          for (const part of [train, validation]) expect([...part]).toEqual([...part].sort((a, b) => a - b));
          expect(test.length).toBe(0);
          const groups = new Set(keys).size;
          if (groups > 1 && validationFraction > 0) {
            expect(validation.length).toBeGreaterThan(0);
            expect(train.length).toBeGreaterThan(0);
          }
        },
      ),
      { seed: 5, numRuns: 300 },
    );
  });
});

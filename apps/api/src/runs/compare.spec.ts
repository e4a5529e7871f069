import { describe, expect, it } from '@jest/globals';
import { type Compared, compare } from './compare.js';

const run = (id: string, config: object, metrics: Record<string, number | null> = {}): Compared => ({
  id,
  name: id,
  task: 'bert-pretrain',
  status: 'completed',
  step: 7,
  config: { name: id, tags: [id], project: id, priority: 3, task: 'bert-pretrain', ...config },
  metrics,
});

describe('compare', () => {
  it('says only where configurations differ, by path, in the order asked for', () => {
    const { config } = compare([
      run('a', { seed: 1, optimizer: { learningRate: 0.1, beta2: 0.9 }, model: { freeze: ['x'] } }),
      run('b', { seed: 1, optimizer: { learningRate: 0.2, beta2: 0.9 }, model: { freeze: ['x'] } }),
      run('c', { seed: 1, optimizer: { learningRate: 0.1, beta2: 0.9, clipNorm: 1 }, model: { freeze: ['x', 'y'] } }),
    ]);
    expect(config).toEqual([
      { name: 'optimizer.learningRate', values: [0.1, 0.2, 0.1] },
      { name: 'model.freeze', values: [['x'], ['x'], ['x', 'y']] },
      { name: 'optimizer.clipNorm', values: [null, null, 1] },
    ]);
  });

  it('groups runs that differ in nothing but their seed, whatever the order of their fields', () => {
    const { runs, config } = compare([
      run('a', { seed: 1, training: { maxSteps: 5, maxLength: 8 } }),
      run('b', { seed: 1, training: { maxSteps: 6, maxLength: 8 } }),
      run('c', { training: { maxLength: 8, maxSteps: 5 }, seed: 2 }),
    ]);
    expect(runs.map(({ group }) => group)).toEqual([0, 1, 0]);
    expect(runs.map(({ seed }) => seed)).toEqual([1, 1, 2]);
    expect(config.map(({ name }) => name)).toEqual(['seed', 'training.maxSteps']);
  });

  it('puts null where a run has no such metric', () => {
    const { metrics } = compare([
      run('a', {}, { 'validation.loss': 2, 'train.loss': null }),
      run('b', {}, { goodput: 0.9 }),
    ]);
    expect(metrics).toEqual([
      { name: 'goodput', values: [null, 0.9] },
      { name: 'train.loss', values: [null, null] },
      { name: 'validation.loss', values: [2, null] },
    ]);
  });

  it('takes names that objects have of themselves for ordinary ones', () => {
    const odd = JSON.parse('{"__proto__": {"constructor": 1}}');
    expect(compare([run('a', { lab: odd }), run('b', {})]).config).toEqual([
      { name: 'lab.__proto__.constructor', values: [1, null] },
    ]);
  });
});

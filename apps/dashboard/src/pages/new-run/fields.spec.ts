import { describe, expect, it } from '@jest/globals';
import { runBody } from '@regatta/contracts';
import { bodyOf, fieldGroups, valuesOf } from './fields.js';
import { presets } from './presets.js';

describe('fieldGroups', () => {
  const groups = fieldGroups();
  const all = groups.flatMap(({ fields }) => fields);

  it('takes fields, limits, defaults and explanations from the schema', () => {
    expect(all.find(({ path }) => path === 'optimizer.learningRate')).toMatchObject({
      kind: 'number',
      initial: 5e-4,
      max: 1,
      help: 'Peak rate',
    });
    expect(all.find(({ path }) => path === 'optimizer.schedule')?.choices).toEqual(['warmup-linear', 'constant']);
    expect(all.find(({ path }) => path === 'pretraining.wholeWord')).toMatchObject({ kind: 'boolean', initial: false });
    expect(all.find(({ path }) => path === 'distributed.minWorkers')).toMatchObject({
      kind: 'integer',
      min: 1,
      max: 64,
    });
  });

  it('asks nothing twice and nothing that leaves no choice', () => {
    const paths = all.map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    for (const path of ['task', 'dataset', 'model.preset', 'training.maxSteps', 'optimizer.type']) {
      expect(paths).not.toContain(path);
    }
  });
});

describe('bodyOf', () => {
  it('nests what was entered and leaves out the rest; valuesOf undoes it', () => {
    const values = { name: '', task: 'bert-pretrain', 'model.preset': 'bert-debug', 'model.hiddenSize': undefined };
    const body = { task: 'bert-pretrain', model: { preset: 'bert-debug' } };
    expect(bodyOf(values)).toEqual(body);
    expect(valuesOf(body)).toEqual({ task: 'bert-pretrain', 'model.preset': 'bert-debug' });
  });
});

describe('presets', () => {
  it('are all accepted by the schema', () => {
    for (const { values } of presets) {
      expect(() => runBody.parse(bodyOf({ task: 'bert-pretrain', dataset: 'brown', ...values }))).not.toThrow();
    }
  });
});

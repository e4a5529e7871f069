import { describe, expect, it } from '@jest/globals';
import { runBody } from '@regatta/contracts';
import { flatten } from '../../lib/nested.js';
import { tasks } from '../../lib/tasks.js';
import { bodyOf, fieldGroups } from './fields.js';
import { presetsOf } from './presets.js';

describe('fieldGroups', () => {
  const groups = fieldGroups('bert-pretrain');
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
    for (const path of ['task', 'dataset', 'model.preset', 'training.maxSteps']) {
      expect(paths).not.toContain(path);
    }
  });

  it('has a form of its own for each task, and for each experiment', () => {
    const pathsOf = (task: string, experiment?: string) =>
      fieldGroups(task, experiment).flatMap(({ fields }) => fields.map(({ path }) => path));
    expect(pathsOf('translate')).toEqual(expect.arrayContaining(['model.architecture', 'translation.labelSmoothing']));
    expect(pathsOf('bert-finetune')).toEqual(expect.arrayContaining(['model.head', 'finetuning.layerDecay']));
    expect(pathsOf('bert-finetune')).not.toContain('pretraining.maskProbability');
    expect(pathsOf('attention-lab', 'positions')).toContain('lab.offset');
    expect(pathsOf('attention-lab', 'positions')).not.toContain('lab.noise');
  });
});

describe('bodyOf', () => {
  it('nests what was entered and leaves out the rest; flatten undoes it', () => {
    const values = { name: '', task: 'bert-pretrain', 'model.preset': 'bert-debug', 'model.hiddenSize': undefined };
    const body = { task: 'bert-pretrain', model: { preset: 'bert-debug' } };
    expect(bodyOf(values)).toEqual(body);
    expect(flatten(body)).toEqual({ task: 'bert-pretrain', 'model.preset': 'bert-debug' });
  });
});

describe('presets', () => {
  it('are all accepted by the schema, and every task has one', () => {
    for (const { task, builtIn } of tasks) {
      expect(presetsOf(task)).not.toHaveLength(0);
      for (const { values } of presetsOf(task)) {
        expect(() => runBody.parse(bodyOf({ task, dataset: builtIn[0], ...values }))).not.toThrow();
      }
    }
  });
});

import { expect, it } from '@jest/globals';
import { runConfig } from '@regatta/contracts';
import { defaultsFor } from './defaults.js';

const changes = (body: object): string[] => {
  const config = runConfig.parse(body) as unknown as Record<string, unknown>;
  const defaults = defaultsFor(config) ?? {};
  const at = (path: string) =>
    path.split('.').reduce<never>((place, name) => place?.[name], config as never) as unknown;
  return Object.keys(defaults).filter((path) => JSON.stringify(at(path)) !== JSON.stringify(defaults[path]));
};

it('finds nothing changed in a run of defaults, of any preset and task', () => {
  expect(changes({ task: 'bert-pretrain', dataset: 'd', model: { preset: 'bert-mini' } })).toEqual([]);
  expect(changes({ task: 'bert-finetune', dataset: 'd', model: { preset: 'bert-tiny' } })).toEqual([]);
  expect(changes({ task: 'translate', dataset: 'd', model: { architecture: 'seq2seq-gru' } })).toEqual([]);
  expect(changes({ task: 'attention-lab', lab: { experiment: 'positions' } })).toEqual([]);
});

it('finds what was set, and what a preset would have been', () => {
  const model = { preset: 'bert-mini', hiddenSize: 64 };
  expect(
    changes({ task: 'bert-pretrain', dataset: 'd', seed: 7, model, optimizer: { learningRate: 0.1 } }).sort(),
  ).toEqual(['model.hiddenSize', 'optimizer.learningRate', 'seed']);
});

it('says nothing of a configuration that it does not know', () => {
  expect(defaultsFor({ task: 'of another version' })).toBeUndefined();
});

import { describe, expect, it } from '@jest/globals';
import { AppError, type RunConfig, runConfig } from '@regatta/contracts';
import { forkedConfig } from './fork-changes.js';

const parent = runConfig.parse({ task: 'bert-pretrain', dataset: 'd', training: { maxSteps: 100 } }) as RunConfig;
const at = { step: 40, totalSteps: 100 };
const errors = (changes: object, place = at) => {
  try {
    forkedConfig(parent, changes as Record<string, unknown>, place);
  } catch (error) {
    return (error as AppError).errors;
  }
  return [];
};

describe('the configuration of a fork', () => {
  it('is that of its parent where nothing changes', () => {
    expect(forkedConfig(parent, {}, at)).toEqual({ config: parent, changed: [] });
  });

  it('takes what the checkpoint lets go of, merged deep, and says what differs', () => {
    const { config, changed } = forkedConfig(
      parent,
      { optimizer: { learningRate: 1e-4, schedule: 'constant' }, training: { maxSteps: 200 } },
      at,
    );
    expect(config.optimizer).toMatchObject({ learningRate: 1e-4, schedule: 'constant', warmupSteps: 100 });
    expect(changed).toContainEqual({ path: 'training.maxSteps', before: 100, after: 200 });
    expect(changed).toHaveLength(3);
  });

  it('goes from steps to epochs by null, as RFC 7396 says', () => {
    const { config } = forkedConfig(parent, { training: { maxSteps: null, maxEpochs: 3 } }, at);
    expect(config.training.maxSteps).toBeUndefined();
    expect(config.training.maxEpochs).toBe(3);
  });

  it.each([
    [{ seed: 2 }, 'changes.seed'],
    [{ model: { hiddenSize: 256 } }, 'changes.model.hiddenSize'],
    [{ tokenizer: { vocabSize: 5000 } }, 'changes.tokenizer.vocabSize'],
    [{ dataset: 'other' }, 'changes.dataset'],
    [{ training: { globalBatchSize: 128 } }, 'changes.training.globalBatchSize'],
    [{ optimizer: { type: 'sgd' } }, 'changes.optimizer.type'],
    [{ pretraining: { maskProbability: 0.2 } }, 'changes.pretraining.maskProbability'],
  ])('keeps %j, and says why', (changes, path) => {
    const found = errors(changes);
    expect(found?.map((error) => error.path)).toContain(path);
    expect(found?.[0].message).toMatch(/^must stay as it is: ./);
  });

  it('must have something left to train', () => {
    expect(errors({}, { step: 100, totalSteps: 100 })).toMatchObject([{ path: 'changes.training.maxSteps' }]);
    expect(errors({ training: { maxSteps: 40 } })).toHaveLength(1);
    expect(errors({ training: { maxSteps: 41 } })).toEqual([]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { predictBody, runConfig } from '@regatta/contracts';
import { z } from 'zod';
import { fieldErrors } from './field-errors.js';

const errorsOf = (schema: z.ZodType, value: unknown) => {
  const parsed = schema.safeParse(value);
  return parsed.success ? [] : fieldErrors(schema, parsed.error.issues, value);
};

describe('fieldErrors', () => {
  it.each([
    [{ taskk: 'bert-pretrain' }, 'taskk', 'is not a known field; did you mean task?'],
    [
      { optimizer: { learning_rate: 1 } },
      'optimizer.learning_rate',
      'is not a known field; did you mean learningRate?',
    ],
    [
      { training: { earlyStopping: { patienc: 1 } } },
      'training.earlyStopping.patienc',
      'is not a known field; did you mean patience?',
    ],
    [{ tokenizer: { zzz: 1 } }, 'tokenizer.zzz', 'is not a known field; known are type, vocabSize, lowercase'],
  ])('names the nearest field: %j', (over, path, message) => {
    expect(errorsOf(runConfig, { task: 'bert-pretrain', dataset: 'd', ...over })).toContainEqual({ path, message });
  });

  it.each([
    [{ task: 'bert-pretrain', pretraning: {} }, 'pretraning', 'is not a known field; did you mean pretraining?'],
    // A field of another task is no suggestion for this one.
    [{ task: 'translate', pretraning: {} }, 'pretraning', 'is not a known field; did you mean training?'],
    [
      { task: 'bert-finetune', model: { architecture: 'transformer' } },
      'model.architecture',
      expect.stringMatching(/^is not a known field; known are base, head, freeze,/),
    ],
    [
      { task: 'attention-lab', lab: { experiment: 'positions', epochs: 3 } },
      'lab.epochs',
      'is not a known field; known are experiment, length, hiddenSize, offset',
    ],
    [{ task: 'attention-lab', lab: { experiment: 'dance' } }, 'lab.experiment', expect.any(String)],
    [{}, 'task', 'must be one of bert-pretrain, bert-finetune, translate, attention-lab'],
    [{ task: 'bert' }, 'task', 'must be one of bert-pretrain, bert-finetune, translate, attention-lab'],
  ])('speaks of the chosen task: %j', (over, path, message) => {
    expect(errorsOf(runConfig, { dataset: 'd', ...over })).toContainEqual({ path, message });
  });

  it('speaks of the alternative of a union that comes nearest', () => {
    expect(errorsOf(predictBody, { pairs: [{ text: 'a', textPare: 'b' }] })).toEqual([
      { path: 'pairs.0.textPair', message: expect.stringMatching(/expected string/) },
      { path: 'pairs.0.textPare', message: 'is not a known field; did you mean textPair?' },
    ]);
  });
});

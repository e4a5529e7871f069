import { describe, expect, it } from '@jest/globals';
import { runConfig } from './index.js';

function initializerRange(model: Record<string, unknown>): number {
  const config = runConfig.parse({ task: 'translate', dataset: 'messages-fr', model });
  if (config.task !== 'translate') throw new Error(config.task);
  return config.model.initializerRange;
}

describe('the initial embeddings of a translation model', () => {
  it.each([
    ['of a Transformer are small, for it scales them', { architecture: 'transformer', hiddenSize: 64 }, 1 / 8],
    ['of a recurrent model have a deviation of 1', { architecture: 'seq2seq-gru', hiddenSize: 64 }, 1],
    ['with attention too', { architecture: 'seq2seq-attention', hiddenSize: 64 }, 1],
    [
      'are small where they are the output layer too',
      { architecture: 'seq2seq-gru', hiddenSize: 64, tieEmbeddings: true },
      1 / 8,
    ],
    ['are what was asked for', { architecture: 'seq2seq-gru', initializerRange: 0.3 }, 0.3],
  ])('%s', (_what, model, expected) => {
    expect(initializerRange(model)).toBe(expected);
  });
});

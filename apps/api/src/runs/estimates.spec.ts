import { describe, expect, it } from '@jest/globals';
import { type RunBodyInput, runConfig } from '@regatta/contracts';
import { bytesPerStep, flopsPerStep, memoryBytes, parameters } from './estimates.js';

const config = (over: Partial<RunBodyInput> = {}) => runConfig.parse({ task: 'bert-pretrain', dataset: 'd', ...over });

describe('estimates', () => {
  it('count what transformers counts for BERT base', () => {
    const base = config({
      model: { preset: 'bert-base', maxPositionEmbeddings: 512 },
      tokenizer: { vocabSize: 30_522 },
    });
    expect(parameters(base)).toBe(110_106_428);
  });

  it('need no exchange for one worker', () => {
    expect(bytesPerStep(config({ distributed: { maxWorkers: 1 } }))).toBe(0);
    expect(bytesPerStep(config({ distributed: { maxWorkers: 2 } }))).toBe(8 * parameters(config()));
    expect(bytesPerStep(config({ distributed: { maxWorkers: 4 } }))).toBe(10 * parameters(config()));
  });

  it('grow with what makes a step larger', () => {
    const twice = config({ training: { globalBatchSize: 128 } });
    expect(flopsPerStep(twice)).toBe(2 * flopsPerStep(config()));
    expect(memoryBytes(twice)).toBeGreaterThan(memoryBytes(config()));
    expect(memoryBytes(config())).toBeGreaterThan(16 * parameters(config()));
  });
});

import { describe, expect, it } from '@jest/globals';
import { type RunConfig, runConfig } from '@regatta/contracts';
import { bytesPerStep, costOf, memoryBytes } from './estimates.js';

const pretraining = (over: object = {}): RunConfig =>
  runConfig.parse({ task: 'bert-pretrain', dataset: 'd', ...over }) as RunConfig;
const translation = (model: object): RunConfig =>
  runConfig.parse({ task: 'translate', dataset: 'd', model, tokenizer: { vocabSize: 37 } }) as RunConfig;

describe('estimates', () => {
  it('count what transformers counts for BERT base', () => {
    const model = { preset: 'bert-base', maxPositionEmbeddings: 512 };
    const tokenizer = { vocabSize: 30_522 };
    expect(costOf(pretraining({ model, tokenizer })).parameters).toBe(110_106_428);
    // BertForSequenceClassification with 3 labels: BertModel's 109,482,240 and 3 rows of 768, and 3.
    const finetuning = { task: 'bert-finetune', model: { ...model, head: 'sequence-classification' }, tokenizer };
    expect(costOf(pretraining(finetuning), { labels: 3 }).parameters).toBe(109_482_240 + 3 * 769);
    expect(costOf(pretraining(finetuning), { regression: true }).parameters).toBe(109_482_240 + 769);
  });

  it('count a GRU with and without attention, and a Transformer', () => {
    // V 37, H 5: two tables, a layer of the encoder and one of the decoder (which reads 2 H), the output layer.
    const small = { hiddenSize: 5, numHiddenLayers: 1 };
    const gru = 2 * 37 * 5 + (15 * 5 + 15 * 5 + 30) + (15 * 10 + 15 * 5 + 30) + 37 * 6;
    const count = (over: object) => costOf(translation({ ...small, ...over })).parameters;
    expect(count({ architecture: 'seq2seq-gru' })).toBe(gru);
    expect(count({ architecture: 'seq2seq-gru', tieEmbeddings: true })).toBe(gru - 37 * 5);
    expect(count({ architecture: 'seq2seq-attention' })).toBe(gru + 2 * 25 + 5);
    // D 6, I 7: three attentions of four layers, two feed-forward layers, five normalisations.
    const attention = 4 * (36 + 6);
    const forward = 6 * 7 + 7 + 7 * 6 + 6;
    const transformer = {
      architecture: 'transformer',
      norm: 'post',
      hiddenSize: 6,
      numAttentionHeads: 2,
      intermediateSize: 7,
    };
    expect(count(transformer)).toBe(2 * 37 * 6 + 3 * attention + 2 * forward + 5 * 12 + 37 * 7);
    expect(count({ ...transformer, positions: 'learned' }) - count(transformer)).toBe(2 * 64 * 6);
  });

  it('need no exchange for one worker', () => {
    const bytes = (maxWorkers: number) => {
      const config = pretraining({ distributed: { maxWorkers } });
      return bytesPerStep(config, costOf(config));
    };
    const { parameters } = costOf(pretraining());
    expect([bytes(1), bytes(2), bytes(4)]).toEqual([0, 8 * parameters, 10 * parameters]);
  });

  it('count three vectors a round for local steps, and the memory that they take', () => {
    const config = pretraining({ distributed: { maxWorkers: 2, localSteps: 12 } });
    const cost = costOf(config);
    expect(bytesPerStep(config, cost)).toBe(2 * cost.parameters);
    expect(memoryBytes(config, cost) - memoryBytes(pretraining(), cost)).toBe(7 * 4 * cost.parameters);
  });

  it('count the bytes as they travel: two of a number as bfloat16, 33 of 32 numbers as int8', () => {
    const bytes = (compression: 'none' | 'bf16' | 'int8') => {
      const config = pretraining({ distributed: { maxWorkers: 2, compression } });
      return bytesPerStep(config, costOf(config));
    };
    expect(bytes('bf16') / bytes('none')).toBeCloseTo(1 / 2, 6);
    expect(bytes('int8') / bytes('none')).toBeCloseTo(33 / 128, 6);
  });

  it('leave what is frozen out of gradients, moments and the exchange', () => {
    const tuned = (freeze: string[]) => {
      const config = runConfig.parse({
        task: 'bert-finetune',
        dataset: 'd',
        model: { head: 'sequence-classification', freeze },
        distributed: { maxWorkers: 2 },
      }) as RunConfig;
      const cost = costOf(config);
      return {
        ...cost,
        frozen: cost.frozen as number,
        bytes: bytesPerStep(config, cost),
        memory: memoryBytes(config, cost),
      };
    };
    const [all, head] = [tuned([]), tuned(['embeddings', 'encoder'])];
    expect([all.frozen, head.parameters]).toEqual([0, all.parameters]);
    expect(head.frozen).toBeGreaterThan(0.9 * head.parameters);
    expect(head.bytes).toBe(8 * (head.parameters - head.frozen));
    expect(all.memory - head.memory).toBe(12 * head.frozen);
  });

  it('grow with what makes a step larger', () => {
    const [once, twice] = [costOf(pretraining()), costOf(pretraining({ training: { globalBatchSize: 128 } }))];
    expect(twice.flops).toBe(2 * once.flops);
    expect(memoryBytes(pretraining(), twice)).toBeGreaterThan(memoryBytes(pretraining(), once));
    expect(memoryBytes(pretraining(), once)).toBeGreaterThan(16 * once.parameters);
  });

  it.each([{ experiment: 'nadaraya-watson' }, { experiment: 'positions' }, { experiment: 'layer-comparison' }])(
    'of a lab are small: %j',
    (lab) => {
      const config = runConfig.parse({ task: 'attention-lab', lab }) as RunConfig;
      const cost = costOf(config);
      expect(cost.parameters).toBe(lab.experiment === 'nadaraya-watson' ? 1 : 0);
      expect(memoryBytes(config, cost)).toBeGreaterThan(0);
      expect(memoryBytes(config, cost)).toBeLessThan(100e6);
    },
  );
});

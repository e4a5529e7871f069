import { describe, expect, it } from '@jest/globals';
import { type BertConfig, bertPretrainingParameters, countParameters, huggingFaceConfig } from './index.js';

const config = (changes: Partial<BertConfig>): BertConfig => ({
  vocabSize: 30522,
  hiddenSize: 768,
  numHiddenLayers: 12,
  numAttentionHeads: 12,
  intermediateSize: 3072,
  maxPositionEmbeddings: 512,
  typeVocabSize: 2,
  hiddenDropoutProb: 0.1,
  attentionProbsDropoutProb: 0.1,
  layerNormEps: 1e-12,
  initializerRange: 0.02,
  ...changes,
});

describe('BERT parameters', () => {
  it('are as many as the published models have', () => {
    const tiny = { hiddenSize: 128, numHiddenLayers: 2, numAttentionHeads: 2, intermediateSize: 512 };
    expect(countParameters(config({}), { heads: false })).toBe(109_482_240);
    expect(countParameters(config({}))).toBe(110_106_428);
    expect(countParameters(config(tiny), { heads: false })).toBe(4_385_920);
  });

  it('decay only as matrices, and start as 1 only in normalisations', () => {
    for (const { name, shape, decay, init } of bertPretrainingParameters(config({}))) {
      expect(decay).toBe(shape.length === 2);
      const matrix = name.includes('position_embeddings') ? 'sinusoidal' : 'normal';
      expect(init).toBe(decay ? matrix : name.endsWith('LayerNorm.weight') ? 'ones' : 'zeros');
    }
  });

  it('come with the configuration that transformers reads', () => {
    expect(huggingFaceConfig(config({ hiddenSize: 96 }))).toMatchObject({
      model_type: 'bert',
      hidden_size: 96,
      hidden_act: 'gelu',
      layer_norm_eps: 1e-12,
    });
  });
});

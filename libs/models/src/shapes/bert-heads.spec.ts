import { describe, expect, it } from '@jest/globals';
import {
  type BertConfig,
  bertHeadParameters,
  bertPretrainingParameters,
  huggingFaceHeadConfig,
  matchWeights,
  scaledRates,
} from './index.js';

const config: BertConfig = {
  vocabSize: 11,
  hiddenSize: 6,
  numHiddenLayers: 3,
  numAttentionHeads: 2,
  intermediateSize: 7,
  maxPositionEmbeddings: 5,
  typeVocabSize: 2,
  hiddenDropoutProb: 0.1,
  attentionProbsDropoutProb: 0.1,
  layerNormEps: 1e-12,
  initializerRange: 0.02,
};
const names = (parameters: { name: string }[]) => parameters.map(({ name }) => name);

describe('weights of a checkpoint', () => {
  const parameters = bertHeadParameters(config, { kind: 'sequence-classification', labels: 4 });
  const pretrained = names(bertPretrainingParameters(config)).map((name): [string, string] => [name, name]);
  const head = ['classifier.weight', 'classifier.bias'];

  it('are found under the names of transformers of any age; what only pretraining needs is told', () => {
    const encoder = pretrained.filter(([name]) => name.startsWith('bert.'));
    const forms: [string, [string, string][]][] = [
      ['as they are', encoder],
      ['without bert.', encoder.map(([name, value]) => [name.slice('bert.'.length), value])],
      [
        'gamma and beta',
        encoder.map(([name, value]) => [
          name.replace(/LayerNorm\.weight$/, 'LayerNorm.gamma').replace(/LayerNorm\.bias$/, 'LayerNorm.beta'),
          value,
        ]),
      ],
      ['a buffer of positions', [...encoder, ['bert.embeddings.position_ids', 'x']]],
      [
        'one without bert.',
        [...encoder.map(([name, value]): [string, string] => [name.slice(5), value]), ['embeddings.position_ids', 'x']],
      ],
    ];
    for (const [form, tensors] of forms) {
      const { weights, missing, unused } = matchWeights(new Map(tensors), parameters);
      expect([form, missing, unused]).toEqual([form, head, []]);
      for (const [name, value] of weights) expect(value).toBe(name);
    }
    expect(matchWeights(new Map(pretrained), parameters).unused).toEqual(
      names(bertPretrainingParameters(config)).filter((name) => name.startsWith('cls.')),
    );
  });

  it('need no copy of the tied decoder, and its bias under either name', () => {
    const all = bertPretrainingParameters(config);
    const tied: [string, string][] = [
      ...pretrained,
      ['cls.predictions.decoder.weight', 'copy'],
      ['cls.predictions.decoder.bias', 'copy'],
    ];
    expect(matchWeights(new Map(tied), all)).toMatchObject({ missing: [], unused: [] });
    expect(matchWeights(new Map(tied), all).weights.get('cls.predictions.bias')).toBe('cls.predictions.bias');
    const only = tied.filter(([name]) => name !== 'cls.predictions.bias');
    const { weights, missing } = matchWeights(new Map(only), all);
    expect([weights.get('cls.predictions.bias'), missing]).toEqual(['copy', []]);
    expect(matchWeights(new Map(pretrained.slice(1)), all).missing).toEqual(['bert.embeddings.word_embeddings.weight']);
  });
});

describe('rates', () => {
  const parameters = bertHeadParameters(config, { kind: 'sequence-classification', labels: 4 });
  const rates = (options: { freeze?: string[]; layerDecay?: number }) => {
    const scaled = scaledRates(parameters, config.numHiddenLayers, options);
    const rateOf = (start: string) =>
      new Set(scaled.filter(({ name }) => name.startsWith(start)).map(({ rateScale = 1 }) => rateScale));
    const parts = ['bert.embeddings', ...[0, 1, 2].map((l) => `bert.encoder.layer.${l}.`), 'bert.pooler', 'classifier'];
    return parts.flatMap((part) => [...rateOf(part)]);
  };

  it('are 0 for what is frozen and fall towards the embeddings', () => {
    expect(rates({})).toEqual([1, 1, 1, 1, 1, 1]);
    expect(rates({ layerDecay: 0.5 })).toEqual([1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 1]);
    expect(rates({ freeze: ['embeddings', 'encoder.1'], layerDecay: 0.5 })).toEqual([0, 1 / 8, 0, 1 / 2, 1, 1]);
    expect(rates({ freeze: ['encoder', 'pooler'] })).toEqual([1, 0, 0, 0, 0, 1]);
  });
});

it("a head's config is Hugging Face's", () => {
  expect(huggingFaceHeadConfig(config, { kind: 'token-classification', labels: 2 }, ['O', 'B'])).toMatchObject({
    architectures: ['BertForTokenClassification'],
    id2label: { 0: 'O', 1: 'B' },
    label2id: { O: 0, B: 1 },
  });
  expect(huggingFaceHeadConfig(config, { kind: 'regression' }, [])).toMatchObject({
    architectures: ['BertForSequenceClassification'],
    problem_type: 'regression',
    id2label: { 0: 'LABEL_0' },
  });
  const answers = huggingFaceHeadConfig(config, { kind: 'question-answering' }, []);
  expect(answers).toMatchObject({ architectures: ['BertForQuestionAnswering'] });
  expect(answers).not.toHaveProperty('id2label');
});

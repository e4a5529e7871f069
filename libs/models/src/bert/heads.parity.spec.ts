// The compiled engine against the eager one with dropout, several chunks and a filler row.
import { describe, expect, it, jest } from '@jest/globals';
import { createEngine, type EngineKind, ParameterSpace } from '@regatta/engine';
import { RandomStream } from '@regatta/random';
import { itOn } from '../../../../test/support/engines.js';
import { expectGradients } from '../../../../test/support/golden.js';
import { type BertConfig, type BertHeadShape, bertHeadParameters, bertHeadTraining, type HeadBatch } from '../index.js';

// the eager engines are slow, and a busy machine is no failure
jest.setTimeout(300_000);

const config: BertConfig = {
  vocabSize: 31,
  hiddenSize: 10,
  numHiddenLayers: 2,
  numAttentionHeads: 2,
  intermediateSize: 13,
  maxPositionEmbeddings: 9,
  typeVocabSize: 2,
  hiddenDropoutProb: 0.1,
  attentionProbsDropoutProb: 0.2,
  layerNormEps: 1e-12,
  initializerRange: 0.02,
};
const [B, T] = [5, 7];
const draw = new RandomStream({ seed: 1, site: 'test' });
const integers = (n: number, below: number, from: number) =>
  Int32Array.from({ length: n }, (_, i) => draw.integer(from + i, below));
const heads: [BertHeadShape, HeadBatch['labels']][] = [
  [{ kind: 'sequence-classification', labels: 3 }, integers(B, 3, 1000)],
  [{ kind: 'regression' }, Float32Array.from(integers(B, 9, 1100), (x) => x / 4)],
  [{ kind: 'token-classification', labels: 4 }, integers(B * T, 5, 1200).map((x) => x - 1)],
  [{ kind: 'question-answering' }, integers(2 * B, 4, 1300)],
];

async function step(kind: EngineKind, head: BertHeadShape, labels: HeadBatch['labels'], filler = 0) {
  const space = new ParameterSpace(bertHeadParameters(config, head), {
    scratchBytes: 1 << 20,
    partials: 0,
    scalars: 2,
  });
  space.initialize(5, 0.3);
  const { inputs, model, place } = bertHeadTraining(config, head, { batch: B, length: T, chunk: 2 });
  const program = await createEngine(kind).compile({ key: 'parity', model, inputs, space, dropout: true });
  const inputIds = integers(B * T, 31, 0);
  inputIds.fill(filler, (B - 1) * T);
  const batch: HeadBatch = {
    inputIds,
    tokenTypeIds: Int32Array.from({ length: B * T }, (_, i) => (i % T < 3 ? 0 : 1)),
    attentionMask: Int32Array.from({ length: B * T }, (_, i) => (i % T < T - Math.floor(i / T / 2) ? 1 : 0)),
    weights: Float32Array.from({ length: B }, (_, b) => (b < B - 1 ? 1 : 0)),
    labels,
  };
  place(batch, program.inputs, 1 / 4);
  const sums = await program.run({ seed: 7, step: 3, shard: 1, micro: 1 });
  await program.dispose();
  return { sums, space };
}

describe.each(heads)('a step of %j with dropout', (head, labels) => {
  for (const kind of ['cpu', 'tfjs-node'] as const) {
    itOn(kind, `has the same sums and gradients as on ${kind}`, async () => {
      const [ours, reference] = [await step('compiled', head, labels), await step(kind, head, labels)];
      expect(ours.sums.loss / reference.sums.loss).toBeCloseTo(1, 5);
      expect(ours.sums.correct).toBe(reference.sums.correct);
      expectGradients(ours.space.exportGradient(), reference.space.exportGradient());
    });
  }

  it('drops where transformers does: the embeddings, each sublayer, and what the classifier reads', async () => {
    const space = new ParameterSpace(bertHeadParameters(config, head), {
      scratchBytes: 1 << 20,
      partials: 0,
      scalars: 2,
    });
    const { inputs, model } = bertHeadTraining(config, head, { batch: 1, length: T });
    const sites: string[] = [];
    const watched: typeof model = (p, x, keep) =>
      model(p, x, (site, dims, rate) => {
        sites.push(`${site.replace('/0', '')} ${rate}`);
        return keep(site, dims, rate);
      });
    const program = await createEngine('compiled').compile({
      key: 'sites',
      model: watched,
      inputs,
      space,
      dropout: true,
    });
    await program.dispose();
    const layer = (l: number) => [`${l}.attention.probs 0.2`, `${l}.attention.output 0.1`, `${l}.output 0.1`];
    const encoder = [0, 1].flatMap(layer).map((site) => `encoder.${site}`);
    const read = head.kind === 'question-answering' ? [] : ['classifier 0.1'];
    expect(sites).toEqual(['embeddings 0.1', ...encoder, ...read]);
  });

  it('does not see the contents of a row that only fills the batch', async () => {
    const [one, other] = [await step('compiled', head, labels), await step('compiled', head, labels, 3)];
    expect(other.sums).toEqual(one.sums);
    expect(other.space.g).toEqual(one.space.g);
  });
});

// The compiled engine against the eager one with dropout and a filler row, against finite differences, and against itself.
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createEngine, type EngineKind, ParameterSpace } from '@regatta/engine';
import { RandomStream } from '@regatta/random';
import { itOn } from '../../../../test/support/engines.js';
import { expectGradients, slopeRatio } from '../../../../test/support/golden.js';
import { type BertConfig, bertPretraining, bertPretrainingParameters, type PretrainingBatch } from '../index.js';

// the eager engines are slow, and a busy machine is no failure
jest.setTimeout(300_000);

const config: BertConfig = {
  vocabSize: 53,
  hiddenSize: 18, // not a multiple of 4
  numHiddenLayers: 2,
  numAttentionHeads: 3,
  intermediateSize: 29,
  maxPositionEmbeddings: 13,
  typeVocabSize: 2,
  hiddenDropoutProb: 0.1,
  attentionProbsDropoutProb: 0.2,
  layerNormEps: 1e-12,
  initializerRange: 0.02,
};
const shape = { batch: 5, length: 11, slots: 3, chunk: 2 };
const here = { seed: 7, step: 3, shard: 1, micro: 1 };
const draw = new RandomStream({ seed: 1, site: 'test' });
const tokens = shape.batch * shape.length;

const batch: PretrainingBatch = {
  inputIds: Int32Array.from({ length: tokens }, (_, i) => draw.integer(i, 53)),
  tokenTypeIds: Int32Array.from({ length: tokens }, (_, i) => (i % 11 < 6 ? 0 : 1)),
  attentionMask: Int32Array.from({ length: tokens }, (_, i) => (i % 11 < 11 - Math.floor(i / 11) ? 1 : 0)),
  maskedPositions: [[2, 5, 6], [1], [3, 4], [1, 2, 3], [2]],
  labels: [[1, 2, 3], [4], [50, 6], [7, 8, 9], [10]],
  nextSentenceLabels: Int32Array.from([0, 1, 1, 0, 1]),
  weights: Float32Array.from([1, 1, 1, 1, 0]), // the last row is a filler
};
const masked = 9;
const scales = { mlm: 1 / masked, nsp: 1 / 4 };

async function prepare(kind: EngineKind, data = batch) {
  const space = new ParameterSpace(bertPretrainingParameters(config), {
    scratchBytes: 1 << 20,
    partials: 0,
    scalars: 4,
  });
  space.initialize(5, 0.2);
  const { inputs, model, place } = bertPretraining(config, shape);
  const program = await createEngine(kind).compile({ key: 'parity', model, inputs, space, dropout: true });
  const run = async (where = here) => {
    place(data, program.inputs, scales);
    return program.run(where);
  };
  return { space, program, run };
}
const loss = (sums: Record<string, number>) => sums.mlmLoss * scales.mlm + sums.nspLoss * scales.nsp;

let compiled: Awaited<ReturnType<typeof prepare>>;
let sums: Record<string, number>;
let gradient: Float32Array;
let byName: ReturnType<ParameterSpace['exportGradient']>;
beforeAll(async () => {
  compiled = await prepare('compiled');
  sums = await compiled.run();
  gradient = compiled.space.g.slice();
  byName = compiled.space.exportGradient();
});

describe('a compiled step with dropout', () => {
  for (const kind of ['cpu', 'wasm', 'tfjs-node'] as const) {
    itOn(kind, `equals the eager step on ${kind}: sums and every gradient`, async () => {
      const eager = await prepare(kind);
      const reference = await eager.run();
      expect(Object.keys(sums).sort()).toEqual(['mlmCorrect', 'mlmLoss', 'nspCorrect', 'nspLoss']);
      for (const name of ['mlmLoss', 'nspLoss']) expect(Math.abs(sums[name] / reference[name] - 1)).toBeLessThan(1e-5);
      for (const name of ['mlmCorrect', 'nspCorrect']) expect(sums[name]).toBe(reference[name]);
      expectGradients(byName, eager.space.exportGradient());
    });
  }

  it.each([
    'bert.encoder.layer.0.intermediate.dense.weight',
    'bert.embeddings.word_embeddings.weight',
    'bert.encoder.layer.1.attention.self.value.weight',
    'bert.embeddings.LayerNorm.weight',
    'cls.predictions.bias',
  ])('has the slope of finite differences in %s', async (name) => {
    const { space, run } = compiled;
    const ratio = await slopeRatio(space, gradient, name, 3e-3, async () => loss(await run()));
    expect(Math.abs(ratio - 1)).toBeLessThan(0.02);
  });

  it('gives the same bits again and in a fresh session', async () => {
    expect(await compiled.run()).toEqual(sums);
    expect(compiled.space.g).toEqual(gradient);
    const fresh = await prepare('compiled');
    expect(await fresh.run()).toEqual(sums);
    expect(fresh.space.g).toEqual(gradient);
    await fresh.program.dispose();
  });

  it('does not see the contents of a filler row', async () => {
    const changed = {
      ...batch,
      inputIds: batch.inputIds.slice(),
      nextSentenceLabels: Int32Array.from([0, 1, 1, 0, 0]),
    };
    changed.inputIds.fill(3, 44);
    const other = await prepare('compiled', changed);
    expect(await other.run()).toEqual(sums);
    expect(other.space.g).toEqual(gradient);
  });

  it.each([{ seed: 8 }, { step: 4 }, { shard: 2 }, { micro: 0 }])('drops other values at %j', async (change) => {
    expect((await compiled.run({ ...here, ...change })).mlmLoss).not.toBe(sums.mlmLoss);
  });
});

describe('training', () => {
  it('overfits 8 examples to a loss below 0.01', async () => {
    const tiny = { ...config, hiddenSize: 128, numAttentionHeads: 2, intermediateSize: 512 };
    const undropped = { ...tiny, hiddenDropoutProb: 0, attentionProbsDropoutProb: 0 };
    const space = new ParameterSpace(bertPretrainingParameters(undropped), {
      scratchBytes: 1 << 20,
      partials: 0,
      scalars: 4,
    });
    space.initialize(1, undropped.initializerRange);
    const { inputs, model, place } = bertPretraining(undropped, { batch: 8, length: 11, slots: 2 });
    const program = await createEngine('compiled').compile({ key: 'overfit', model, inputs, space, dropout: true });
    const examples = Array.from({ length: 8 }, (_, b) => b);
    place(
      {
        inputIds: Int32Array.from({ length: 88 }, (_, i) => draw.integer(1000 + i, 53)),
        tokenTypeIds: new Int32Array(88),
        attentionMask: new Int32Array(88).fill(1),
        maskedPositions: examples.map((b) => [1 + (b % 4), 5 + (b % 3)]),
        labels: examples.map((b) => [b, 52 - b]),
        nextSentenceLabels: Int32Array.from(examples, (b) => b % 2),
        weights: new Float32Array(8).fill(1),
      },
      program.inputs,
      { mlm: 1 / 16, nsp: 1 / 8 },
    );
    const options = { learningRate: 2e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 };
    let result: Record<string, number> = {};
    for (let step = 1; step <= 60; step++) {
      result = await program.run({ seed: 1, step, shard: 0, micro: 0 });
      space.adamw(space.g, { ...options, step });
    }
    expect(result.mlmLoss / 16).toBeLessThan(0.01);
    expect(result.nspLoss / 8).toBeLessThan(0.01);
    expect(result).toMatchObject({ mlmCorrect: 16, nspCorrect: 8 });
    await program.dispose();
  });
});

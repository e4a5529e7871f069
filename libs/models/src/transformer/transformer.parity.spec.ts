// The compiled engine against the eager one with dropout, padding and a filler row; finite differences; the same bits; overfitting.
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createEngine, type EngineKind, ParameterSpace } from '@regatta/engine';
import { RandomStream } from '@regatta/random';
import { itOn } from '../../../../test/support/engines.js';
import { expectGradients, norm, slopeRatio } from '../../../../test/support/golden.js';
import type { TranslationBatch } from '../translation.js';
import { type TransformerConfig, transformerModel, transformerParameters } from './index.js';
import { chunksOf } from './place.js';
import { trainStage } from './train.js';

// the eager engines are slow, and a busy machine is no failure
jest.setTimeout(300_000);

const config: TransformerConfig = {
  hiddenSize: 18, // neither it nor the heads' width is a multiple of 4
  numHiddenLayers: 2,
  numAttentionHeads: 3,
  intermediateSize: 29,
  dropout: 0.15,
  positions: 'learned',
  norm: 'post',
  activation: 'relu',
  tieEmbeddings: true,
  labelSmoothing: 0.1,
  maxPositionEmbeddings: 11,
};
const vocabularies = { source: 43, target: 53 };
const shape = { batch: 5, sourceLength: 11, targetLength: 7 };
const chunks = [2, 2, 1];
const { batch: B, sourceLength: S, targetLength: T } = shape;
const here = { seed: 7, step: 3, shard: 1, micro: 1 };
const draw = new RandomStream({ seed: 1, site: 'test' });
const ids = (from: number, count: number, below: number) =>
  Int32Array.from({ length: count }, (_, i) => draw.integer(from + i, below));

const pairs: TranslationBatch = {
  sourceIds: ids(0, B * S, 43),
  sourceLengths: Int32Array.of(11, 6, 3, 9, 0),
  targetInputIds: ids(10_000, B * T, 53),
  targetIds: ids(20_000, B * T, 53),
  // the last row is a filler, without a source
  weights: Float32Array.from({ length: B * T }, (_, i) => +(i % T < [7, 5, 6, 2, 0][Math.floor(i / T)])),
};
const scale = 1 / 20;

async function prepare(kind: EngineKind, data = pairs, changes: Partial<TransformerConfig> = {}) {
  const changed = { ...config, ...changes };
  const parameters = transformerParameters(changed, vocabularies);
  const space = new ParameterSpace(parameters, { scratchBytes: 1 << 20, partials: 0, scalars: 0 });
  space.initialize(5, 0.2);
  const { place, ...stage } = trainStage(changed, shape, chunks);
  const program = await createEngine(kind).compile({ key: 'parity', space, dropout: true, ...stage });
  const run = async (where = here, given = data) => {
    place(given, program.inputs, scale);
    return program.run(where);
  };
  return { space, program, run };
}

let compiled: Awaited<ReturnType<typeof prepare>>;
let sums: Record<string, number>;
let gradient: Float32Array;
// relu has a kink too close by for a difference to be a slope
let smooth: Awaited<ReturnType<typeof prepare>>;
let smoothGradient: Float32Array;
beforeAll(async () => {
  smooth = await prepare('compiled', pairs, { activation: 'gelu' });
  await smooth.run();
  smoothGradient = smooth.space.g.slice();
  compiled = await prepare('compiled');
  sums = await compiled.run();
  gradient = compiled.space.g.slice();
});

describe('a compiled step with dropout', () => {
  for (const [kind, changes] of [
    ['cpu', {}],
    ['wasm', {}],
    ['tfjs-node', {}],
    ['cpu', { norm: 'pre', activation: 'gelu', positions: 'sinusoidal', tieEmbeddings: false, labelSmoothing: 0 }],
  ] as const) {
    itOn(kind, `equals the eager step on ${kind}: sums and every gradient, ${JSON.stringify(changes)}`, async () => {
      const [ours, eager] = [await prepare('compiled', pairs, changes), await prepare(kind, pairs, changes)];
      const [found, reference] = [await ours.run(), await eager.run()];
      expect(Object.keys(found).sort()).toEqual(['correct', 'loss', 'nll']);
      for (const name of ['loss', 'nll']) expect(Math.abs(found[name] / reference[name] - 1)).toBeLessThan(1e-5);
      expect(found.correct).toBe(reference.correct);
      expectGradients(ours.space.exportGradient(), eager.space.exportGradient());
      await ours.program.dispose();
    });
  }

  it.each([
    'encoder.layers.0.fc1.weight',
    'encoder.embed_positions.weight',
    'decoder.embed_tokens.weight',
    'decoder.layers.1.encoder_attn.k_proj.weight',
    'decoder.layers.0.self_attn.v_proj.weight',
    'encoder.layers.1.final_layer_norm.weight',
    'lm_head.bias',
  ])('has the slope of finite differences in %s', async (name) => {
    const { space, run } = smooth;
    const ratio = await slopeRatio(space, smoothGradient, name, 2e-3, async () => (await run()).loss * scale);
    expect(Math.abs(ratio - 1)).toBeLessThan(0.01);
  });

  it('gives the same bits again and in a fresh session', async () => {
    expect(await compiled.run()).toEqual(sums);
    expect(compiled.space.g).toEqual(gradient);
    const fresh = await prepare('compiled');
    expect(await fresh.run()).toEqual(sums);
    expect(fresh.space.g).toEqual(gradient);
    await fresh.program.dispose();
  });

  it('does not see what is behind a source or a target, nor in a filler row', async () => {
    const behind = {
      ...pairs,
      sourceIds: pairs.sourceIds.map((id, i) => (i % S < pairs.sourceLengths[Math.floor(i / S)] ? id : 1)),
      targetInputIds: pairs.targetInputIds.map((id, i) => (pairs.weights[i] === 0 ? 2 : id)),
      targetIds: pairs.targetIds.map((id, i) => (pairs.weights[i] === 0 ? 2 : id)),
    };
    expect(behind.sourceIds).not.toEqual(pairs.sourceIds);
    expect(await compiled.run(here, behind)).toEqual(sums);
    // 0 and −0 are the same here
    expect(norm(compiled.space.g.map((x, i) => x - gradient[i]))).toBe(0);
  });

  it('does not see later target tokens, with dropout', async () => {
    const early = { ...pairs, weights: pairs.weights.map((x, i) => (i % T < 3 ? x : 0)) };
    const later = { ...early, targetInputIds: pairs.targetInputIds.map((id, i) => (i % T < 3 ? id : 1)) };
    const at = { ...early, targetInputIds: pairs.targetInputIds.map((id, i) => (i % T < 2 ? id : 1)) };
    const { loss } = await compiled.run(here, early);
    expect((await compiled.run(here, later)).loss).toBe(loss);
    expect((await compiled.run(here, at)).loss).not.toBe(loss);
  });

  it.each([{ seed: 8 }, { step: 4 }, { shard: 2 }, { micro: 0 }])('drops other values at %j', async (change) => {
    expect((await compiled.run({ ...here, ...change })).loss).not.toBe(sums.loss);
  });

  it('refuses a batch of another size', async () => {
    await expect(compiled.run(here, { ...pairs, weights: new Float32Array(3) })).rejects.toThrow(
      'weights has 3 numbers',
    );
  });
});

describe('chunks', () => {
  it('hold about 512 rows, at least one pair, and together the batch', () => {
    const of = (batch: number, sourceLength: number, targetLength: number) =>
      chunksOf({ batch, sourceLength, targetLength });
    expect([of(64, 32, 32), of(7, 5, 3), of(5, 100, 173), of(2, 7, 1024)]).toEqual([
      [16, 16, 16, 16],
      [7],
      [2, 2, 1],
      [1, 1],
    ]);
  });
});

describe('training', () => {
  it.each(['post', 'pre'] as const)('overfits 8 pairs to a loss below 0.01, %s-norm', async (place) => {
    const tiny = { hiddenSize: 64, numAttentionHeads: 4, intermediateSize: 128, dropout: 0, labelSmoothing: 0 };
    const positions = 'sinusoidal' as const;
    const model = transformerModel({ ...config, ...tiny, positions, tieEmbeddings: false, norm: place }, vocabularies);
    const space = new ParameterSpace(model.parameters, { scratchBytes: 1 << 20, partials: 0, scalars: 0 });
    space.initialize(1, 1 / 8);
    const { place: write, ...stage } = model.train({ batch: 8, sourceLength: 7, targetLength: 5 });
    const program = await createEngine('compiled').compile({ key: 'overfit', space, dropout: true, ...stage });
    const targetIds = ids(40_000, 40, 53);
    const learnt: TranslationBatch = {
      sourceIds: ids(30_000, 56, 43),
      sourceLengths: Int32Array.from({ length: 8 }, (_, b) => 3 + (b % 5)),
      targetInputIds: targetIds.map((_, i) => (i % 5 === 0 ? 2 : targetIds[i - 1])),
      targetIds,
      weights: new Float32Array(40).fill(1),
    };
    write(learnt, program.inputs, 1 / 40);
    const options = { learningRate: 3e-3, beta1: 0.9, beta2: 0.98, epsilon: 1e-9, weightDecay: 0.01, clipNorm: 1 };
    let result: Record<string, number> = {};
    for (let step = 1; step <= 60; step++) {
      result = await program.run({ seed: 1, step, shard: 0, micro: 0 });
      space.adamw(space.g, { ...options, step });
    }
    expect(result.loss / 40).toBeLessThan(0.01);
    expect(result.correct).toBe(40);
    await program.dispose();
  });
});

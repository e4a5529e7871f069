// The compiled engine against the eager one with dropout and a filler row, against finite differences and itself; padding; overfitting.
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createEngine, type EngineKind, ParameterSpace } from '@regatta/engine';
import { RandomStream } from '@regatta/random';
import { itOn } from '../../../../test/support/engines.js';
import { expectGradients, norm, slopeRatio } from '../../../../test/support/golden.js';
import type { TranslationBatch } from '../translation.js';
import { type Seq2SeqConfig, seq2seqModel } from './index.js';

// the eager engine is slow, and a busy machine is no failure
jest.setTimeout(300_000);

const vocabularies = { source: 17, target: 13 };
const shape = { batch: 4, sourceLength: 6, targetLength: 5 };
const here = { seed: 7, step: 3, shard: 1, micro: 1 };
const draw = new RandomStream({ seed: 1, site: 'test' });
const lengths = [6, 3, 5, 1];
const targetLengths = [3, 5, 4, 0]; // the last row is a filler

const batch: TranslationBatch = {
  sourceIds: Int32Array.from({ length: 24 }, (_, i) => (i % 6 < lengths[Math.floor(i / 6)] ? draw.integer(i, 17) : 0)),
  sourceLengths: Int32Array.from(lengths),
  targetInputIds: Int32Array.from({ length: 20 }, (_, i) => draw.integer(100 + i, 13)),
  targetIds: Int32Array.from({ length: 20 }, (_, i) => draw.integer(200 + i, 13)),
  weights: Float32Array.from({ length: 20 }, (_, i) => (i % 5 < targetLengths[Math.floor(i / 5)] ? 1 : 0)),
};
const scale = 1 / 12;

type Architecture = Seq2SeqConfig['architecture'];
const configOf = (architecture: Architecture, changes: Partial<Seq2SeqConfig> = {}): Seq2SeqConfig => ({
  architecture,
  hiddenSize: 7,
  numHiddenLayers: 2,
  dropout: 0.2,
  tieEmbeddings: false,
  labelSmoothing: 0.1,
  ...changes,
});

async function prepare(kind: EngineKind, config: Seq2SeqConfig, data = batch, size = shape) {
  const translator = seq2seqModel(config, vocabularies);
  const space = new ParameterSpace(translator.parameters, { scratchBytes: 1 << 20, partials: 0, scalars: 4 });
  space.initialize(5, 0.5);
  const { inputs, model, place } = translator.train(size);
  const program = await createEngine(kind).compile({ key: 'parity', model, inputs, space, dropout: true });
  const run = async (where = here) => {
    place(data, program.inputs, scale);
    return program.run(where);
  };
  return { space, program, run };
}

describe.each(['seq2seq-gru', 'seq2seq-attention'] as const)('a compiled step of %s with dropout', (architecture) => {
  let compiled: Awaited<ReturnType<typeof prepare>>;
  let sums: Record<string, number>;
  let gradient: Float32Array;
  let byName: ReturnType<ParameterSpace['exportGradient']>;
  beforeAll(async () => {
    compiled = await prepare('compiled', configOf(architecture));
    sums = await compiled.run();
    gradient = compiled.space.g.slice();
    byName = compiled.space.exportGradient();
  });

  for (const kind of ['cpu', 'tfjs-node'] as const) {
    itOn(kind, `equals the eager step on ${kind}: sums and every gradient`, async () => {
      const eager = await prepare(kind, configOf(architecture));
      const reference = await eager.run();
      expect(Object.keys(sums).sort()).toEqual(['correct', 'loss', 'nll']);
      for (const name of ['loss', 'nll']) expect(Math.abs(sums[name] / reference[name] - 1)).toBeLessThan(1e-5);
      expect(sums.correct).toBe(reference.correct);
      expectGradients(byName, eager.space.exportGradient());
    });
  }

  it.each(['encoder.embedding.weight', 'encoder.rnn.weight_hh_l0', 'decoder.rnn.weight_ih_l0', 'decoder.dense.bias'])(
    'has the slope of finite differences in %s',
    async (name) => {
      const { space, run } = compiled;
      const ratio = await slopeRatio(space, gradient, name, 1e-2, async () => (await run()).loss * scale);
      expect(Math.abs(ratio - 1)).toBeLessThan(0.02);
    },
  );

  it('gives the same bits again and in a fresh session, and drops other values in another step', async () => {
    const fresh = await prepare('compiled', configOf(architecture));
    for (const { run, space } of [compiled, fresh]) {
      expect(await run()).toEqual(sums);
      expect(space.g).toEqual(gradient);
    }
    expect((await fresh.run({ ...here, step: 4 })).loss).not.toBe(sums.loss);
  });

  it('sees neither what stands in padding nor a filler row', async () => {
    const changed = {
      ...batch,
      sourceIds: batch.sourceIds.map((id, i) => (i >= 18 || i % 6 >= lengths[Math.floor(i / 6)] ? 11 : id)),
      targetInputIds: batch.targetInputIds.map((id, i) => (batch.weights[i] ? id : 3)),
      targetIds: batch.targetIds.map((id, i) => (batch.weights[i] ? id : 5)),
    };
    const other = await prepare('compiled', configOf(architecture), changed);
    expect(await other.run()).toEqual(sums);
    for (const { name } of other.space.parameters) {
      const ours = other.space.view('g', name);
      const at = (ours.byteOffset - other.space.g.byteOffset) / 4;
      expect(norm(ours.map((x, i) => x - gradient[at + i]))).toBeLessThan(1e-6 * norm(ours));
    }
  });
});

describe.each(['seq2seq-gru', 'seq2seq-attention'] as const)('the encoder of %s', (architecture) => {
  it('ends in the same state, bit for bit, however much padding follows', async () => {
    const { space } = await prepare('compiled', configOf(architecture));
    const ends: Float32Array[] = [];
    for (const length of [3, 8]) {
      const stage = seq2seqModel(configOf(architecture), vocabularies).encode({ batch: 1, sourceLength: length });
      const program = await createEngine('compiled').compileForward({ key: 'encode', ...stage, space });
      program.inputs.sourceIds.fill(9);
      program.inputs.sourceIds.set([5, 2, 11]);
      program.inputs.sourceMask.fill(0);
      program.inputs.sourceMask.fill(1, 0, 3);
      ends.push((await program.run())['state.h.1'].data);
      await program.dispose();
    }
    expect(ends[1]).toEqual(ends[0]);
  });
});

describe('the loss', () => {
  it.each([
    [[4, 0, 0], 9.2103, 4],
    [[0, 2, 0], 4.6052, 2],
    [[0, 0, 0], 0, 0],
    [[4, 2, 0], 13.8155, 6],
  ])('of equal logits over 10 classes, with lengths %j, sums to %d', async (valid, expected, count) => {
    const translator = seq2seqModel(configOf('seq2seq-gru', { labelSmoothing: 0 }), { source: 5, target: 10 });
    const space = new ParameterSpace(translator.parameters, { scratchBytes: 1 << 18, partials: 0, scalars: 4 });
    const { inputs, model, place } = translator.train({ batch: 3, sourceLength: 2, targetLength: 4 });
    const program = await createEngine('compiled').compile({ key: 'equal', model, inputs, space, dropout: false });
    const weights = Float32Array.from({ length: 12 }, (_, i) => (i % 4 < valid[Math.floor(i / 4)] ? 1 : 0));
    const data = {
      sourceIds: new Int32Array(6),
      sourceLengths: Int32Array.from([2, 1, 1]),
      targetInputIds: new Int32Array(12),
      targetIds: Int32Array.from({ length: 12 }, (_, i) => i % 10),
      weights,
    };
    place(data, program.inputs, 1);
    const sums = await program.run(here);
    await program.dispose();
    expect(sums.loss).toBeCloseTo(expected, 4);
    expect(sums.nll).toBe(sums.loss);
    expect(weights.reduce((sum, w) => sum + w, 0)).toBe(count);
  });
});

describe.each(['seq2seq-gru', 'seq2seq-attention'] as const)('training %s', (architecture) => {
  it('overfits 4 pairs to a loss below 0.01', async () => {
    const config = configOf(architecture, { hiddenSize: 32, dropout: 0, labelSmoothing: 0 });
    const data = { ...batch, weights: new Float32Array(20).fill(1) };
    const { space, run, program } = await prepare('compiled', config, data);
    const options = { learningRate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 };
    let sums: Record<string, number> = {};
    for (let step = 1; step <= 150; step++) {
      sums = await run({ seed: 1, step, shard: 0, micro: 0 });
      space.adamw(space.g, { ...options, step });
    }
    expect(sums.loss / 20).toBeLessThan(0.01);
    expect(sums.correct).toBe(20);
    await program.dispose();
  });
});

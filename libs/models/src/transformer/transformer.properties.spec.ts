// What the parts are by definition: causality, indifference to padding, equivariance, one feed-forward layer for all positions, sinusoids.
import { describe, expect, it, jest } from '@jest/globals';
import { createEngine, type EngineKind, ParameterSpace } from '@regatta/engine';
import { type ForwardFunction, type InputSpec, layerNorm } from '@regatta/engine/ops';
import { RandomStream } from '@regatta/random';
import * as tf from '@tensorflow/tfjs-core';
import { sinusoidalPositions, type TransformerConfig, transformerForward, transformerModel } from './index.js';
import { TransformerLayers } from './layers.js';

// the eager engine is slow, and a busy machine is no failure
jest.setTimeout(300_000);

const [B, S, T, D, V] = [3, 7, 5, 12, 19];
const config: TransformerConfig = {
  hiddenSize: D,
  numHiddenLayers: 2,
  numAttentionHeads: 3,
  intermediateSize: 14,
  dropout: 0,
  positions: 'sinusoidal',
  norm: 'post',
  activation: 'relu',
  tieEmbeddings: false,
  labelSmoothing: 0,
  maxPositionEmbeddings: 8,
};
type Given = Record<string, ArrayLike<number>>;

function spaceOf(changes: Partial<TransformerConfig> = {}): ParameterSpace {
  const { parameters } = transformerModel({ ...config, ...changes }, { source: 17, target: V });
  const space = new ParameterSpace(parameters, { scratchBytes: 1 << 20, partials: 0, scalars: 0 });
  space.initialize(4, 0.4);
  return space;
}

/** Runs a model once. */
async function outputs(
  space: ParameterSpace,
  { inputs, model }: { inputs: InputSpec[]; model: ForwardFunction },
  given: Given,
  kind: EngineKind = 'compiled',
) {
  const program = await createEngine(kind).compileForward({ key: 'test', inputs, model, space });
  for (const [name, values] of Object.entries(given)) program.inputs[name].set(values);
  const results = await program.run();
  await program.dispose();
  return results;
}
const rows: InputSpec[] = [{ name: 'x', shape: [S * B, D], dtype: 'float32' }];
const stream = new RandomStream({ seed: 6, site: 'rows' });
const x = Float32Array.from({ length: S * B * D }, (_, i) => stream.normal(i));
const apart = (a: Float32Array, b: Float32Array) => Math.max(...a.map((value, i) => Math.abs(value - b[i])));

const lengths = [7, 4, 5];
const pairs = {
  sourceIds: Int32Array.from({ length: B * S }, (_, i) => (5 * i) % 17),
  sourceMask: Float32Array.from({ length: B * S }, (_, i) => +(i % S < lengths[Math.floor(i / S)])),
  targetInputIds: Int32Array.from({ length: B * T }, (_, i) => (7 * i) % V),
};
const translate = (space: ParameterSpace, changes: Partial<TransformerConfig>, given: Given) =>
  outputs(space, transformerForward({ ...config, ...changes }, { batch: B, sourceLength: S, targetLength: T }), given);

describe.each(['post', 'pre'] as const)('a Transformer, %s-norm', (norm) => {
  it('sees no later target token, to the bit, and its own', async () => {
    const space = spaceOf({ norm });
    const before = (await translate(space, { norm }, pairs)).logits.data;
    for (const t of [1, 3, 4]) {
      const changed = pairs.targetInputIds.map((id, i) => (i % T === t ? (id + 1) % V : id));
      const after = (await translate(space, { norm }, { ...pairs, targetInputIds: changed })).logits.data;
      const sameAt = (place: number) =>
        before.every((value, i) => Math.floor(i / V) % T !== place || value === after[i]);
      expect([0, 1, 2, 3, 4].map(sameAt)).toEqual([0, 1, 2, 3, 4].map((place) => place < t));
    }
  });

  it('sees nothing behind a source, to the bit', async () => {
    const space = spaceOf({ norm });
    const before = await translate(space, { norm }, pairs);
    const padding = pairs.sourceIds.map((id, i) => (pairs.sourceMask[i] ? id : (id + 1) % 17));
    const after = await translate(space, { norm }, { ...pairs, sourceIds: padding });
    expect(after.memory.data).not.toEqual(before.memory.data);
    expect(after.logits.data).toEqual(before.logits.data);
    const shorter = Float32Array.from(pairs.sourceMask).fill(0, 6, 7);
    expect((await translate(space, { norm }, { ...pairs, sourceMask: shorter })).logits.data).not.toEqual(
      before.logits.data,
    );
  });

  it('permutes with its tokens where nothing tells their places', async () => {
    const space = spaceOf({ norm });
    const order = [3, 0, 6, 2, 5, 1, 4];
    const model: ForwardFunction = (p, given) => {
      const layers = new TransformerLayers(p, { ...config, norm }, () => undefined);
      const mask = tf.tensor(new Float32Array(B * S), [B, 1, 1, S]);
      let y = given.x;
      for (const l of [0, 1]) {
        y = layers.encoderLayer(l, y, (z) => layers.attend(z, z, mask, `encoder.layers.${l}.self_attn`, B));
      }
      return { y };
    };
    // time-major: a token's B · D numbers lie together
    const permuted = (values: Float32Array) =>
      Float32Array.from(values, (_, i) => values[order[Math.floor(i / (B * D))] * B * D + (i % (B * D))]);
    const straight = (await outputs(space, { inputs: rows, model }, { x })).y.data;
    const turned = (await outputs(space, { inputs: rows, model }, { x: permuted(x) })).y.data;
    expect(apart(turned, permuted(straight))).toBeLessThan(1e-5);
    expect(apart(turned, straight)).toBeGreaterThan(0.1);
  });
});

describe('the feed-forward layer', () => {
  it('is two convolutions of width 1', async () => {
    const model: ForwardFunction = (p, given) => {
      const at = 'encoder.layers.1';
      const layers = new TransformerLayers(p, config, () => undefined);
      const kernel = (w: tf.Tensor) => tf.expandDims<tf.Tensor3D>(w, 0);
      const sequence = tf.reshape<tf.Rank.R3>(given.x, [1, S * B, D]);
      const wide = tf.add<tf.Tensor3D>(
        tf.conv1d(sequence, kernel(p[`${at}.fc1.weight`]), 1, 'valid'),
        p[`${at}.fc1.bias`],
      );
      const narrow = tf.conv1d<tf.Tensor3D>(tf.relu(wide), kernel(tf.transpose(p[`${at}.fc2.weight`])), 1, 'valid');
      return { dense: layers.positionWise(at, given.x), convolved: tf.add(narrow, p[`${at}.fc2.bias`]) };
    };
    const { dense, convolved } = await outputs(spaceOf(), { inputs: rows, model }, { x }, 'cpu');
    expect(apart(dense.data, convolved.data)).toBeLessThan(1e-5);
  });
});

describe('layer normalisation', () => {
  it('is over a row, where batch normalisation would be over a column', async () => {
    const model: ForwardFunction = (_, { pairs: twos }) => ({
      y: layerNorm(twos, tf.ones([2]), tf.zeros([2]), 1e-5),
    });
    const inputs: InputSpec[] = [{ name: 'pairs', shape: [2, 2], dtype: 'float32' }];
    const { y } = await outputs(spaceOf(), { inputs, model }, { pairs: [1, 2, 2, 3] });
    expect(apart(y.data, Float32Array.of(-1, 1, -1, 1))).toBeLessThan(1e-4);
  });
});

describe('sinusoidal positions', () => {
  const [length, width] = [60, 32];
  const table = sinusoidalPositions(length, width);
  const row = (i: number) => Array.from(table.subarray(i * width, i * width + width));

  it('begin with sines of 0 and cosines of 0, and turn by one in the first pair', () => {
    expect(row(0)).toEqual(Array.from({ length: width }, (_, k) => k % 2));
    expect(table[width]).toBeCloseTo(Math.sin(1), 6);
    expect(table[3 * width + 31]).toBeCloseTo(Math.cos(3 / 10_000 ** (30 / 32)), 6);
  });

  it('tell all positions apart', () => {
    for (let i = 0; i < length; i++) {
      for (let j = 0; j < i; j++)
        expect(Math.hypot(...row(i).map((value, k) => value - row(j)[k]))).toBeGreaterThan(0.1);
    }
  });

  it.each([1, 5, 23])('move by %i through one rotation, wherever they are', (offset) => {
    for (let i = 0; i + offset < length; i++) {
      const [from, to] = [row(i), row(i + offset)];
      const moved = from.map((value, k) => {
        const angle = offset / 10_000 ** ((k - (k % 2)) / width);
        const sign = k % 2 === 0 ? 1 : -1;
        return Math.cos(angle) * value + sign * Math.sin(angle) * from[k + sign];
      });
      expect(Math.hypot(...moved.map((value, k) => value - to[k]))).toBeLessThan(1e-5);
    }
  });
});

describe('transformerModel', () => {
  it.each([
    [{ numAttentionHeads: 5 }, '5 heads do not divide a width of 12'],
    [{ hiddenSize: 9 }, 'sinusoidal positions need an even width, not 9'],
  ])('refuses %j', (changes, message) => {
    expect(() => transformerModel({ ...config, ...changes }, { source: 17, target: V })).toThrow(message);
  });

  it('refuses more tokens than it has learned positions for', () => {
    const learned = transformerModel({ ...config, positions: 'learned' }, { source: 17, target: V });
    const most = { batch: 1, sourceLength: 8, targetLength: 8, capacity: 8 };
    for (const stage of ['train', 'encode', 'decode'] as const) {
      learned[stage](most);
      expect(() => learned[stage]({ ...most, sourceLength: 9, capacity: 9 })).toThrow('9 tokens are more than');
    }
    transformerModel(config, { source: 17, target: V }).encode({ batch: 1, sourceLength: 99 });
  });

  it("has the parameters of Vaswani et al.'s base model", () => {
    const base = { ...config, hiddenSize: 512, numHiddenLayers: 6, numAttentionHeads: 8, intermediateSize: 2048 };
    const { parameters } = transformerModel(base, { source: 37_000, target: 37_000 });
    const count = parameters.reduce((sum, { shape }) => sum + shape.reduce((product, dim) => product * dim, 1), 0);
    // torch.nn.TransformerEncoder and -Decoder of these sizes: 18,914,304 and 25,224,192; embeddings and output layer beside them
    expect(count).toBe(18_914_304 + 25_224_192 + 3 * 37_000 * 512 + 37_000);
    for (const { shape, decay } of parameters) expect(decay).toBe(shape.length === 2);
  });
});

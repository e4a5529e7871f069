// Every fused operation of the compiled engine against its composition on tfjs's cpu backend (and on wasm): values and gradients. Sizes are odd
// and unequal; heads · d is not a multiple of 4.
import { describe, expect, it, jest } from '@jest/globals';
import { RandomStream } from '@regatta/random';
import { createEngine, type EngineKind, type InputSpec, type ModelFunction, ParameterSpace } from '../index.js';
import { type Tensor, tf } from '../tf.js';
import {
  attention,
  attentionProbabilities,
  decoderCrossEntropy,
  dropout,
  embedding,
  gatherRows,
  gelu,
  gruCell,
  layerNorm,
  linear,
  relu,
  stepLinear,
} from './index.js';

// the eager engines are slow, and a busy machine is no failure
jest.setTimeout(300_000);

const place = { seed: 3, step: 2, shard: 1, micro: 2 };
type Shapes = Record<string, number[]>;

interface Case {
  name: string;
  parameters: Shapes;
  /** Integer inputs with their values. */
  ids?: Record<string, number[]>;
  floats?: Record<string, number[]>;
  model: ModelFunction;
}

/** A loss in which every element has a weight of its own. */
const probe = (y: Tensor): Tensor => {
  const weights = Float32Array.from({ length: y.size }, (_, i) => Math.sin(1 + i));
  const product = tf.mul(tf.reshape(y, [1, y.size]), tf.tensor2d(weights, [1, y.size]));
  return tf.reshape(linear(product, tf.tensor2d(new Float32Array(y.size).fill(1), [y.size, 1]), tf.tensor1d([0])), []);
};
const alone = (y: Tensor) => {
  const loss = probe(y);
  return { loss, sums: { loss } };
};

const cases: Case[] = [
  {
    name: 'linear, weight [in, out]',
    parameters: { x: [5, 7], w: [7, 3], b: [3] },
    model: ({ x, w, b }) => alone(linear(x, w, b)),
  },
  {
    name: 'linear, weight [out, in]',
    parameters: { x: [5, 7], w: [3, 7], b: [3] },
    model: ({ x, w, b }) => alone(linear(x, w, b, { outIn: true })),
  },
  {
    name: 'layerNorm',
    parameters: { x: [5, 7], gamma: [7], beta: [7] },
    model: ({ x, gamma, beta }) => alone(layerNorm(x, gamma, beta, 1e-3)),
  },
  { name: 'gelu', parameters: { x: [5, 7] }, model: ({ x }) => alone(gelu(x)) },
  ...[0, 0.3].map((rate) => ({
    name: `relu between linears, dropout ${rate}`,
    parameters: { x: [5, 7], w: [7, 6], b: [6], v: [6, 2], c: [2] },
    model: (({ x, w, b, v, c }, _, keep) =>
      alone(linear(relu(linear(x, w, b), keep('inner', [5, 6], rate), rate), v, c))) satisfies ModelFunction,
  })),
  {
    name: 'gelu of a linear, its factor moved into the product',
    parameters: { x: [5, 7], w: [7, 3], b: [3], v: [3, 2], c: [2] },
    model: ({ x, w, b, v, c }) => alone(linear(gelu(linear(x, w, b)), v, c)),
  },
  {
    name: 'gelu of a linear that is read elsewhere too',
    parameters: { x: [5, 7], w: [7, 3], b: [3] },
    model: ({ x, w, b }) => {
      const y = linear(x, w, b);
      return alone(tf.add(tf.square(y), gelu(y)));
    },
  },
  {
    name: 'dropout',
    parameters: { x: [5, 7], w: [7, 3], b: [3] },
    model: ({ x, w, b }, _, keep) => {
      const y = dropout(x, keep('first', [5, 7], 0.3), 0.3);
      return alone(dropout(linear(y, w, b), keep('second', [5, 3], 0.1), 0.1));
    },
  },
  ...[0, 0.2].map((rate) => ({
    name: `attention, dropout ${rate}, fewer queries than keys`,
    // 3 sequences of 5 keys and 2 queries; 2 heads of 5
    parameters: { q: [6, 10], k: [15, 10], v: [15, 10] },
    floats: { mask: [3, 1, 1, 5] },
    model: (({ q, k, v }, { mask }, keep) =>
      alone(
        attention(q, k, v, mask, keep('probs', [3, 2, 2, 5], rate), { heads: 2, batch: 3, rate }),
      )) satisfies ModelFunction,
  })),
  ...[0, 0.2].map((rate) => ({
    name: `attention, causal, dropout ${rate}`,
    // 3 sequences of 5 tokens
    parameters: { q: [15, 10], k: [15, 10], v: [15, 10] },
    model: (({ q, k, v }, _, keep) => {
      const mask = tf.tensor(
        Float32Array.from({ length: 25 }, (__, i) => (i % 5 > i / 5 ? -1e9 : 0)),
        [1, 1, 5, 5],
      );
      return alone(attention(q, k, v, mask, keep('probs', [3, 2, 5, 5], rate), { heads: 2, batch: 3, rate }));
    }) satisfies ModelFunction,
  })),
  {
    name: 'embedding, rows read several times and summed with another table',
    parameters: { table: [4, 5], other: [3, 5] },
    ids: { ids: [1, 3, 1, 1, 0], more: [2, 2, 0, 1, 2] },
    model: ({ table, other }, { ids, more }) => alone(tf.add(embedding(table, ids), embedding(other, more))),
  },
  {
    name: 'gatherRows',
    parameters: { x: [6, 5] },
    ids: { rows: [4, 0, 5], inverse: [1, 3, 3, 3, 0, 2] },
    model: ({ x }, { rows, inverse }) => alone(tf.mul(gatherRows(x, rows, inverse), gatherRows(x, rows, inverse))),
  },
  ...[0, 0.2].map((smoothing) => ({
    name: `decoderCrossEntropy with tied weights, label smoothing ${smoothing}`,
    parameters: { table: [9, 5], b: [9] },
    ids: { ids: [1, 8, 1, 0], labels: [2, 8, 2, 5] },
    floats: { weights: [4] },
    model: (({ table, b }, { ids, labels, weights }) => {
      const sums = decoderCrossEntropy(embedding(table, ids), table, b, labels, weights, { smoothing });
      return { loss: tf.mul(sums.loss, 0.25), sums: { ...sums } };
    }) satisfies ModelFunction,
  })),
  ...[false, true].map((padded) => ({
    name: `gruCell over three steps that share weights${padded ? ', some of them padding' : ''}`,
    parameters: { x: [6, 15], w: [5, 15], b: [15], h: [2, 5] },
    ...(padded && { floats: { alive: [2, 1] } }),
    model: (({ x, w, b, h }, { alive }) => {
      const [first, second, third] = tf.split(x, 3, 0);
      const one = gruCell(first, stepLinear(h, w, b), h);
      const two = gruCell(second, stepLinear(one, w, b), one, padded ? alive : undefined);
      return alone(gruCell(third, stepLinear(two, w, b), two));
    }) satisfies ModelFunction,
  })),
  {
    name: 'plain operations: softmax, sigmoid, products of batches',
    parameters: { q: [3, 2, 5], k: [3, 4, 5], v: [3, 4, 7], w: [7, 1], u: [5, 7] },
    model: ({ q, k, v, w, u }) => {
      const weights = tf.softmax(tf.matMul(q, k, false, true));
      const pooled = tf.add(tf.matMul(weights, v), tf.reshape(tf.matMul(tf.reshape(q, [6, 5]), u), [3, 2, 7]));
      return alone(tf.sigmoid(tf.matMul(tf.reshape(pooled, [6, 7]), w)));
    },
  },
  {
    name: 'plain operations: slices, padding, means',
    parameters: { x: [6, 5] },
    model: ({ x }) => {
      const padded = tf.pad(x as tf.Tensor2D, [
        [1, 2],
        [0, 3],
      ]);
      const shifted = tf.add(tf.slice(padded, [3, 1], [6, 5]), tf.mean(x, -1, true));
      return alone(tf.mul(shifted, tf.square(x)));
    },
  },
  {
    name: 'plain operations: split, concat, transpose, arithmetic',
    parameters: { x: [6, 5], y: [5] },
    model: ({ x, y }) => {
      const [a, b] = tf.split(x, [2, 4], 0);
      const joined = tf.concat([tf.tanh(b), tf.neg(a)], -2);
      const turned = tf.transpose(tf.reshape(tf.div(tf.sub(joined, y), tf.add(tf.exp(y), 1)), [2, 3, 5]), [1, 0, 2]);
      return alone(tf.sqrt(tf.add(tf.square(turned), 0.5)));
    },
  },
];

async function run(kind: EngineKind, { name, parameters, ids = {}, floats = {}, model }: Case) {
  const specs = Object.entries(parameters).map(([p, shape]) => ({
    name: p,
    shape,
    decay: true,
    init: 'normal' as const,
  }));
  const space = new ParameterSpace(specs, { scratchBytes: 65536, partials: 0, scalars: 0 });
  space.initialize(9, 0.7);
  space.g.fill(Number.NaN); // what a program does not write shows
  const inputs: InputSpec[] = [
    ...Object.entries(ids).map(([n, values]) => ({ name: n, shape: [values.length], dtype: 'int32' as const })),
    ...Object.entries(floats).map(([n, shape]) => ({ name: n, shape, dtype: 'float32' as const })),
  ];
  const program = await createEngine(kind).compile({ key: name, model, inputs, space, dropout: true });
  for (const [n, values] of Object.entries(ids)) program.inputs[n].set(values);
  for (const n of Object.keys(floats)) {
    const stream = new RandomStream({ seed: 4, site: n });
    program.inputs[n].forEach((_, i, values) => {
      values[i] = stream.uniform(i);
    });
  }
  const sums = await program.run(place);
  await program.dispose();
  return { sums, gradient: space.exportGradient() };
}

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));

describe.each(cases)('$name', (operation) => {
  it.each(['cpu', 'wasm'] as const)('gives what the %s engine gives', async (kind) => {
    const [compiled, reference] = [await run('compiled', operation), await run(kind, operation)];
    for (const [name, sum] of Object.entries(reference.sums)) {
      expect(Math.abs(compiled.sums[name] - sum)).toBeLessThan(1e-5 * (1 + Math.abs(sum)));
    }
    for (const [name, { data }] of reference.gradient) {
      const difference = data.map((x, i) => x - (compiled.gradient.get(name)?.data[i] ?? Number.NaN));
      expect(norm(data)).toBeGreaterThan(0);
      expect(norm(difference)).toBeLessThan(1e-5 * norm(data));
    }
  });
});

describe('attentionProbabilities', () => {
  it('is the softmax that attention applies, equal on both engines', async () => {
    const results: Float32Array[] = [];
    for (const kind of ['compiled', 'cpu'] as const) {
      const specs = ['q', 'k'].map((name) => ({ name, shape: [15, 10], decay: true, init: 'normal' as const }));
      const space = new ParameterSpace(specs, { scratchBytes: 65536, partials: 0, scalars: 0 });
      space.initialize(2, 1);
      const inputs: InputSpec[] = [{ name: 'mask', shape: [3, 1, 1, 5], dtype: 'float32' }];
      const program = await createEngine(kind).compileForward({
        key: 'probabilities',
        model: ({ q, k }, { mask }) => ({ p: attentionProbabilities(q, k, mask, { heads: 2, batch: 3 }) }),
        inputs,
        space,
      });
      program.inputs.mask[4] = -1e9;
      const { p } = await program.run();
      expect(p.shape).toEqual([3, 2, 5, 5]);
      expect(p.data[4]).toBe(0);
      for (let row = 0; row < 30; row++) {
        expect(p.data.subarray(5 * row, 5 * row + 5).reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 6);
      }
      results.push(p.data);
    }
    expect(Math.max(...results[0].map((x, i) => Math.abs(x - results[1][i])))).toBeLessThan(1e-6);
  });
});

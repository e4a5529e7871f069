// Against torch (test/golden/make_attention.py): outputs, weights and gradients on both kinds of engine.
import { readFileSync } from 'node:fs';
import { describe, expect, it, jest } from '@jest/globals';
import { createEngine, ParameterSpace } from '@regatta/engine';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { itOn } from '../../../../test/support/engines.js';
import {
  additiveAttention,
  attentionPooling,
  causalAttentionMask,
  lengthMask,
  multiHeadAttention,
  nadarayaWatson,
  scaledDotProductAttention,
} from './index.js';

// the eager engine is slow, and a busy machine is no failure
jest.setTimeout(300_000);

interface Numbers {
  shape: number[];
  data: number[];
}
interface Case {
  parameters: Record<string, Numbers>;
  gradients: Record<string, Numbers>;
  output: Numbers;
  weights: Numbers;
}
const golden = JSON.parse(readFileSync(new URL('../../../../test/golden/attention.json', import.meta.url), 'utf8'));
const lengths = () => lengthMask(tf.tensor1d(golden.lengths, 'int32'), 5);

type P = Record<string, Tensor>;
const heads = (p: P) => ({
  wq: { weight: p.wq, bias: p.bq },
  wk: { weight: p.wk, bias: p.bk },
  wv: { weight: p.wv, bias: p.bv },
  wo: { weight: p.wo, bias: p.bo },
});
const systems: Record<string, (p: P) => { output: Tensor; weights: Tensor }> = {
  'masked softmax, a length a row': (p) => attentionPooling(p.scores, p.values, { mask: lengths() }),
  'masked softmax, a length a query': (p) =>
    attentionPooling(p.scores, p.values, { mask: lengthMask(tf.tensor2d(golden.lengths2d, undefined, 'int32'), 5) }),
  'Nadaraya-Watson': ({ q, k, v }) => nadarayaWatson(q, k, v),
  'Nadaraya-Watson with a learned bandwidth': ({ q, k, v, w }) => nadarayaWatson(q, k, v, w),
  'additive attention': ({ q, k, v, ...p }) =>
    additiveAttention(q, k, v, { wq: p.wq, wk: p.wk, wv: p.wv }, { mask: lengths() }),
  'scaled dot-product attention': ({ q, k, v }) => scaledDotProductAttention(q, k, v, { mask: lengths() }),
  'multi-head causal self-attention': ({ x, ...p }) =>
    multiHeadAttention(x, x, x, heads(p), 2, { mask: causalAttentionMask(5) }),
  'multi-head cross-attention': ({ x, y, ...p }) => multiHeadAttention(x, y, y, heads(p), 2, { mask: lengths() }),
};

const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));
const farthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i])));

it('has a system for every golden case', () => {
  expect(Object.keys(systems)).toEqual(Object.keys(golden.cases));
});

describe.each(Object.keys(systems))('%s', (name) => {
  for (const kind of ['compiled', 'cpu', 'tfjs-node'] as const) {
    itOn(kind, `gives torch's output, weights and gradients on the ${kind} engine`, async () => {
      const expected: Case = golden.cases[name];
      const specs = Object.entries(expected.parameters).map(([p, { shape }]) => ({
        name: p,
        shape,
        decay: false,
        init: 'zeros' as const,
      }));
      const space = new ParameterSpace(specs, { scratchBytes: 1 << 18, partials: 0, scalars: 0 });
      for (const [p, { data }] of Object.entries(expected.parameters)) space.view('w', p).set(data);
      const engine = createEngine(kind);
      const forward = await engine.compileForward({
        key: name,
        model: (p) => ({ ...systems[name](p) }),
        inputs: [],
        space,
      });
      const found = await forward.run();
      for (const part of ['output', 'weights'] as const) {
        expect(found[part].shape).toEqual(expected[part].shape);
        expect(farthest(found[part].data, expected[part].data)).toBeLessThan(1e-5);
      }
      const probe = Float32Array.from(expected.output.data, (_, i) => Math.sin(1 + i));
      const program = await engine.compile({
        key: name,
        model: (p) => {
          const loss = tf.sum(tf.mul(systems[name](p).output, tf.tensor(probe, expected.output.shape)));
          return { loss, sums: { loss } };
        },
        inputs: [],
        space,
        dropout: false,
      });
      space.g.fill(Number.NaN);
      await program.run({ seed: 1, step: 1, shard: 0, micro: 0 });
      const whole = norm(Object.values(expected.gradients).flatMap(({ data }) => data));
      for (const [p, { data }] of Object.entries(expected.gradients)) {
        // the exact gradient of the keys' bias is 0 (softmax does not see it): measured against the whole gradient
        const worst = norm(space.view('g', p).map((x, i) => x - data[i])) / (p === 'bk' ? whole : norm(data));
        expect({ p, close: worst < 1e-4, worst }).toMatchObject({ close: true });
      }
      await forward.dispose();
      await program.dispose();
    });
  }
});

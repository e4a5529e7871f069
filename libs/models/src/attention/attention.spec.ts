// What each system must do, with the examples of "Dive into Deep Learning" (chapter 11).
import { describe, expect, it } from '@jest/globals';
import '@regatta/engine'; // brings tfjs's cpu backend and gradients
import { RandomStream } from '@regatta/random';
import * as tf from '@tensorflow/tfjs-core';
import {
  additiveAttention,
  attentionPooling,
  averagePooling,
  causalAttentionMask,
  lengthMask,
  maskedSoftmax,
  multiHeadAttention,
  nadarayaWatson,
  scaledDotProductAttention,
  scaledDotProductScores,
} from './index.js';

await tf.setBackend('cpu');

const normal = (site: string, shape: number[]) => {
  const stream = new RandomStream({ seed: 1, site });
  return tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => stream.normal(i)),
    shape,
  );
};
const numbers = (t: tf.Tensor) => Array.from(t.dataSync());
const close = (t: tf.Tensor, expected: number[]) => {
  expect(t.size).toBe(expected.length);
  numbers(t).forEach((x, i) => {
    expect(x).toBeCloseTo(expected[i], 5);
  });
};

describe('average pooling', () => {
  it('is the mean, whatever is asked', () => {
    const values = tf.tensor1d([1, 2, 6]);
    close(averagePooling(tf.tensor1d([0, -3, 100, 7]), values), [3, 3, 3, 3]);
  });
});

describe('Nadaraya–Watson', () => {
  it('weighs by nearness; rows of weights sum to 1', () => {
    const { output, weights } = nadarayaWatson(tf.tensor1d([0, 1]), tf.tensor1d([0, 1, 2]), tf.tensor1d([5, 7, 9]));
    close(tf.sum(weights, -1), [1, 1]);
    const [a, b] = [Math.exp(-0.5), Math.exp(-2)];
    expect(numbers(output)[0]).toBeCloseTo((5 + 7 * a + 9 * b) / (1 + a + b), 5);
    expect(numbers(output)[1]).toBeCloseTo(7, 5);
  });

  it('finds the true function with more data and a narrower kernel', () => {
    const truth = (x: number) => 2 * Math.sin(x) + x ** 0.8;
    const places = tf.linspace(0.5, 4.5, 30);
    const error = (n: number, w: number) => {
      const stream = new RandomStream({ seed: 2, site: `points ${n}` });
      const keys = Float32Array.from({ length: n }, (_, i) => 5 * stream.uniform(i));
      const values = keys.map((x, i) => truth(x) + 0.5 * stream.normal(1000 + i));
      const { output } = nadarayaWatson(places, tf.tensor1d(keys), tf.tensor1d(values), tf.tensor1d([w]));
      const found = numbers(output);
      return Math.sqrt(numbers(places).reduce((sum, x, i) => sum + (found[i] - truth(x)) ** 2, 0) / 30);
    };
    const errors = [error(50, 1), error(300, 3), error(800, 5)];
    expect(errors[1]).toBeLessThan(0.6 * errors[0]);
    expect(errors[2]).toBeLessThan(errors[1]);
  });
});

describe('masked softmax', () => {
  it('takes a length a row or a length a query; what is masked weighs exactly 0', () => {
    const scores = normal('scores', [2, 2, 4]);
    for (const [lengths, valid] of [
      [tf.tensor1d([2, 3], 'int32'), [2, 2, 3, 3]],
      [
        tf.tensor2d(
          [
            [1, 3],
            [2, 4],
          ],
          undefined,
          'int32',
        ),
        [1, 3, 2, 4],
      ],
    ] as const) {
      const weights = numbers(maskedSoftmax(scores, lengthMask(lengths, 4)));
      valid.forEach((count, row) => {
        const of = weights.slice(4 * row, 4 * row + 4);
        expect(of.slice(count)).toEqual(new Array(4 - count).fill(0));
        expect(Math.min(...of.slice(0, count))).toBeGreaterThan(0);
        expect(of.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 6);
      });
    }
  });

  it('takes a boolean mask, and gives a row with nothing valid weights of 0', () => {
    const mask = tf.tensor3d([1, 0, 1, 0, 0, 0], [1, 2, 3], 'bool');
    const weights = numbers(maskedSoftmax(tf.tensor3d([7, 99, 7, 1, 2, 3], [1, 2, 3]), mask));
    expect(weights).toEqual([0.5, 0, 0.5, 0, 0, 0]);
    expect(numbers(maskedSoftmax(tf.tensor3d([7, 7, 7, 7], [1, 2, 2])))).toEqual([0.5, 0.5, 0.5, 0.5]);
  });

  it('has a gradient of 0 through a row with nothing valid', () => {
    const mask = lengthMask(tf.tensor1d([0, 2], 'int32'), 3);
    const slope = tf.grad((x: tf.Tensor) => tf.sum(tf.mul(maskedSoftmax(x, mask), normal('probe', [2, 1, 3]))));
    const gradient = numbers(slope(normal('x', [2, 1, 3])));
    expect(gradient.slice(0, 3).every((x) => x === 0)).toBe(true);
    expect(Math.abs(gradient[3])).toBeGreaterThan(0);
  });
});

describe('scoring', () => {
  const values = tf.tile(tf.reshape(tf.range(0, 40), [1, 10, 4]), [2, 1, 1]);
  const mask = lengthMask(tf.tensor1d([2, 6], 'int32'), 10);
  const expected = [2, 3, 4, 5, 10, 11, 12, 13];

  it("gives D2L's results: additive, equal keys, 2 and 6 of them valid", () => {
    const weights = { wq: normal('q', [20, 8]), wk: normal('k', [2, 8]), wv: normal('v', [1, 8]) };
    const { output, weights: found } = additiveAttention(
      normal('queries', [2, 1, 20]),
      tf.ones([2, 10, 2]),
      values,
      weights,
      { mask },
    );
    close(output, expected);
    expect(found.shape).toEqual([2, 1, 10]);
    expect(numbers(found).slice(2, 10)).toEqual(new Array(8).fill(0));
  });

  it('gives the same by scaled dot products', () => {
    close(scaledDotProductAttention(normal('q', [2, 1, 2]), tf.ones([2, 10, 2]), values, { mask }).output, expected);
  });

  it('keeps the variance of dot products near 1, whatever the width', () => {
    for (const width of [4, 256]) {
      const scores = scaledDotProductScores(normal('q', [1, 400, width]), normal('k', [1, 300, width]));
      const { variance } = tf.moments(scores);
      expect(Math.abs(numbers(variance)[0] - 1)).toBeLessThan(0.15);
    }
  });

  it('picks the row that an overwhelming score points at', () => {
    const picked = attentionPooling(
      tf.mul(tf.reshape(tf.eye(3), [1, 3, 3]), 1e3),
      tf.reshape(tf.range(0, 6), [1, 3, 2]),
    );
    close(picked.output, [0, 1, 2, 3, 4, 5]);
  });
});

describe('multi-head attention', () => {
  const dense = (site: string) => ({ weight: normal(site, [6, 6]), bias: normal(`${site}.b`, [6]) });
  const heads = { wq: dense('q'), wk: dense('k'), wv: dense('v'), wo: dense('o') };
  const x = normal('x', [1, 7, 6]);
  const attend = (y: tf.Tensor, mask?: tf.Tensor) => multiHeadAttention(y, y, y, heads, 3, { mask });

  it('does not know the order of a sequence', () => {
    const order = [3, 0, 6, 1, 5, 2, 4];
    const permuted = attend(tf.gather(x, order, 1)).output;
    close(permuted, numbers(tf.gather(attend(x).output, order, 1)));
  });

  it('with a causal mask leaves what stands before a changed token as it was, bit for bit', () => {
    const mask = causalAttentionMask(7);
    const changed = tf.concat([tf.slice(x, [0, 0, 0], [1, 4, 6]), normal('other', [1, 3, 6])], 1);
    const [before, after] = [numbers(attend(x, mask).output), numbers(attend(changed, mask).output)];
    expect(after.slice(0, 24)).toEqual(before.slice(0, 24));
    expect(after.slice(24)).not.toEqual(before.slice(24));
    // a position sees itself: the first one's weight lies on itself alone
    expect(numbers(attend(x, mask).weights).slice(0, 7)).toEqual([1, 0, 0, 0, 0, 0, 0]);
  });
});

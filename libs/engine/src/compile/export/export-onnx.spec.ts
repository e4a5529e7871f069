import { describe, expect, it } from '@jest/globals';
import * as ort from 'onnxruntime-node';
import { ParameterSpace } from '../../memory/space.js';
import { attention, embedding, gelu, layerNorm, linear } from '../../ops/index.js';
import { tf } from '../../tf.js';
import type { ForwardFunction, InputSpec } from '../../types.js';
import { CompiledEngine } from '../compiled-engine.js';
import { type ExportOptions, exportOnnx } from './export-onnx.js';
import { fitSizes, recordingSizes } from './sizes.js';

// D 6, H 2, V 23, P 17
const [D, V, P] = [6, 23, 17];
const vector = (name: string, size: number) => ({ name, shape: [size], decay: false, init: 'normal' as const });
const matrix = (name: string, rows: number, columns: number) => ({ ...vector(name, 0), shape: [rows, columns] });
const space = new ParameterSpace(
  [
    matrix('words', V, D),
    matrix('places', P, D),
    matrix('w', D, D),
    vector('b', D),
    vector('gamma', D),
    vector('beta', V),
  ],
  { scratchBytes: 1 << 20, partials: 0, scalars: 0 },
);
space.w.forEach((_, i) => {
  space.w[i] = Math.sin(1 + i * 0.7);
});

/** A small encoder with what BERT's graph has: rows time-major, positions as a constant, a mask, GELU, a tied decoder, the first rows. */
function small({ batch, sequence }: { batch: number; sequence: number }): {
  inputs: InputSpec[];
  model: ForwardFunction;
} {
  const model: ForwardFunction = (p, x) => {
    const ids = tf.reshape(tf.transpose(tf.reshape(x.ids, [batch, sequence]), [1, 0]), [batch * sequence]);
    const times = Int32Array.from({ length: batch * sequence }, (_, row) => Math.floor(row / batch));
    const rows = tf.add(embedding(p.words, ids), embedding(p.places, tf.tensor1d(times, 'int32')));
    const mask = tf.mul(tf.sub(1, tf.cast(tf.reshape(x.mask, [batch, 1, 1, sequence]), 'float32')), -1e9);
    const read = attention(rows, rows, rows, mask, undefined, { heads: 2, batch, rate: 0 });
    const y = layerNorm(gelu(linear(tf.add(rows, read), p.w, p.b)), p.gamma, p.b, 1e-12); // (T · B, D)
    const logits = linear(y, p.words, p.beta, { outIn: true });
    const [first] = tf.split(y, [batch, (sequence - 1) * batch], 0);
    return {
      logits: tf.transpose(tf.reshape(logits, [sequence, batch, V]), [1, 0, 2]),
      first: tf.tanh(first),
      unasked: tf.exp(y),
    };
  };
  const shape = [batch * sequence];
  return { model, inputs: ['ids', 'mask'].map((name) => ({ name, shape, dtype: 'int32' as const })) };
}

const options: ExportOptions = {
  name: 'small',
  at: ({ batch, sequence }) => small({ batch, sequence }),
  sizes: ['batch', 'sequence'],
  inputs: [
    { name: 'input_ids', feeds: 'ids', dtype: 'int64', dims: ['batch', 'sequence'] },
    { name: 'mask', feeds: 'mask', dtype: 'int64', dims: ['batch', 'sequence'] },
    { name: 'token_type_ids', feeds: 'segments', dtype: 'int64', dims: ['batch', 'sequence'] },
  ],
  outputs: (name) => ({ logits: 'logits', first: 'pooled' })[name],
  space,
};

describe('exportOnnx', () => {
  it.each([
    [1, 1],
    [3, 7],
    [2, 17],
  ])('gives a file that plain onnxruntime runs as the engine does: B %i, T %i', async (batch, sequence) => {
    const file = await ort.InferenceSession.create(await exportOnnx(options));
    const { inputs, model } = small({ batch, sequence });
    const program = await new CompiledEngine({ threads: 1, provider: 'cpu' }).compileForward({
      key: 'small',
      model,
      inputs,
      space,
    });
    const ids = Array.from({ length: batch * sequence }, (_, i) => (i * 5) % V);
    const mask = ids.map((_, i) => (i % sequence === 0 || i % 3 > 0 ? 1 : 0));
    program.inputs.ids.set(ids);
    program.inputs.mask.set(mask);
    const expected = await program.run();
    const given = (values: number[]) => new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [batch, sequence]);
    const results = await file.run({ input_ids: given(ids), mask: given(mask), token_type_ids: given(mask) });
    expect(file.inputNames).toEqual(['input_ids', 'mask', 'token_type_ids']);
    expect(file.outputNames).toEqual(['logits', 'pooled']);
    for (const [ours, theirs] of [
      ['logits', 'logits'],
      ['first', 'pooled'],
    ]) {
      expect(results[theirs].dims).toEqual(expected[ours].shape);
      (results[theirs].data as Float32Array).forEach((value, i) => {
        expect(value).toBeCloseTo(expected[ours].data[i], 5);
      });
    }
    await program.dispose();
    await file.release();
  });

  it('uses no operators but the standard ones, and names the free dimensions', async () => {
    const file = await exportOnnx(options);
    const text = Buffer.from(file).toString('latin1');
    expect(text).not.toContain('com.microsoft');
    const session = await ort.InferenceSession.create(file);
    expect(session.outputMetadata.map((output) => 'shape' in output && output.shape)).toEqual([
      ['batch', 'sequence', V],
      ['batch', D],
    ]);
    await session.release();
  });

  it('refuses a graph that is another at other sizes, and a constant that it cannot make', async () => {
    const branching: ExportOptions['at'] = ({ batch, sequence }) => {
      const { inputs, model } = small({ batch, sequence });
      return {
        inputs,
        model: (p, x) => (batch > 10 ? model(p, x) : { ...model(p, x), logits: tf.neg(p.w), first: p.w }),
      };
    };
    await expect(exportOnnx({ ...options, at: branching })).rejects.toMatchObject({ code: 'shape_dependent' });
    const numbers: ExportOptions['at'] = ({ batch, sequence }) => ({
      inputs: small({ batch, sequence }).inputs,
      model: (_, x) => {
        const scale = Float32Array.from({ length: batch * sequence }, (_v, i) => Math.sin(i * batch));
        const y = tf.mul(tf.cast(x.ids, 'float32'), tf.tensor1d(scale));
        return { logits: y, first: y };
      },
    });
    await expect(exportOnnx({ ...options, at: numbers })).rejects.toMatchObject({ code: 'shape_dependent' });
  });
});

describe('fitSizes', () => {
  const names = ['batch', 'sequence', 'capacity'];
  const values = (of: (sizes: Record<string, number>) => number) => recordingSizes(names).map(of);

  it('finds sums of products, and refuses anything else', () => {
    const terms = fitSizes(
      names,
      values(({ batch, sequence, capacity }) => 3 * batch * sequence - batch + capacity * 8 + 5),
    );
    expect(terms).toHaveLength(4);
    expect(terms).toContainEqual({ sizes: ['batch', 'sequence'], coefficient: 3 });
    expect(
      fitSizes(
        names,
        values(() => 0),
      ),
    ).toEqual([]);
    const error = expect.objectContaining({ code: 'shape_not_linear' });
    for (const of of [
      (s: Record<string, number>) => s.batch ** 2,
      (s: Record<string, number>) => Math.ceil(s.sequence / 2),
    ]) {
      expect(() => fitSizes(names, values(of))).toThrow(error as never);
    }
  });
});

import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import type { NamedTensor, ParameterSpace } from '@regatta/engine';
import type { BertConfig } from '@regatta/models';

/** A tensor as test/golden's scripts write it: float32, little endian, base64. */
export interface Packed {
  shape: number[];
  data: string;
}

/** The contents of test/golden/`name`.json. */
export const readGolden = (name: string) =>
  JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8'));

export const unpack = ({ shape, data }: Packed): NamedTensor => {
  const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
  return { shape, data: new Float32Array(bytes.buffer) };
};

export const unpackAll = (packed: Record<string, Packed>): Map<string, NamedTensor> =>
  new Map(Object.entries(packed).map(([name, tensor]) => [name, unpack(tensor)]));

/** A config of transformers, without dropout. */
export const bertConfigOf = (config: Record<string, number>): BertConfig => ({
  vocabSize: config.vocab_size,
  hiddenSize: config.hidden_size,
  numHiddenLayers: config.num_hidden_layers,
  numAttentionHeads: config.num_attention_heads,
  intermediateSize: config.intermediate_size,
  maxPositionEmbeddings: config.max_position_embeddings,
  typeVocabSize: config.type_vocab_size,
  hiddenDropoutProb: 0,
  attentionProbsDropoutProb: 0,
  layerNormEps: config.layer_norm_eps,
  initializerRange: 0.02,
});

/** Euclidean norm. */
export const norm = (values: Float32Array): number => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
export const difference = (a: Float32Array, b: Float32Array): Float32Array => a.map((x, i) => x - b[i]);
/** The largest |a − b|. */
export const farthest = (a: Float32Array, b: Float32Array): number =>
  difference(a, b).reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/**
 * Every gradient has the expected shape and is within `most` of the expected one, by the norm of their difference over its norm. What
 * softmax does not see (a key's bias; what moves all starts alike) has the exact gradient 0: it is measured against the whole gradient.
 */
export function expectGradients(
  ours: ReadonlyMap<string, NamedTensor>,
  expected: ReadonlyMap<string, NamedTensor>,
  most = 1e-4,
): void {
  expect([...ours.keys()].sort()).toEqual([...expected.keys()].sort());
  const whole = Math.sqrt([...expected.values()].reduce((sum, { data }) => sum + norm(data) ** 2, 0));
  for (const [name, { shape, data }] of expected) {
    const found = ours.get(name) as NamedTensor;
    expect({ name, shape: found.shape }).toEqual({ name, shape });
    const scale = norm(data) < 1e-6 * whole ? whole : norm(data);
    const relative = norm(difference(found.data, data)) / scale;
    expect({ name, close: relative < most, relative }).toMatchObject({ close: true });
  }
}

/**
 * The slope of `loss` by a central difference of 2 · `step` in one weight of `name`, that with the largest gradient, over this gradient.
 * @param gradient of the whole space, as computed before
 */
export async function slopeRatio(
  space: ParameterSpace,
  gradient: Float32Array,
  name: string,
  step: number,
  loss: () => Promise<number>,
): Promise<number> {
  const weights = space.view('w', name);
  const at = (weights.byteOffset - space.w.byteOffset) / 4;
  const slopes = gradient.subarray(at, at + weights.length);
  const i = slopes.reduce((best, x, j) => (Math.abs(x) > Math.abs(slopes[best]) ? j : best), 0);
  const was = weights[i];
  const lossAt = async (weight: number) => {
    weights[i] = weight;
    return loss();
  };
  const slope = ((await lossAt(was + step)) - (await lossAt(was - step))) / (2 * step);
  weights[i] = was;
  return slope / slopes[i];
}

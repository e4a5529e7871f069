// Against transformers' BertForPreTraining (test/golden/make_bert.py): every layer, losses, all gradients, on both kinds of engine.
import { readFileSync } from 'node:fs';
import { describe, expect, it, jest } from '@jest/globals';
import { createEngine, type NamedTensor, ParameterSpace } from '@regatta/engine';
import { type BertConfig, bertForward, bertPretraining, bertPretrainingParameters } from '../index.js';

// the eager engines are slow, and a busy machine is no failure
jest.setTimeout(60_000);

interface Packed {
  shape: number[];
  data: string;
}
const golden = JSON.parse(readFileSync(new URL('../../../../test/golden/bert.json', import.meta.url), 'utf8'));
const unpack = ({ shape, data }: Packed): NamedTensor => {
  const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
  return { shape, data: new Float32Array(bytes.buffer) };
};
const tensors = (packed: Record<string, Packed>) =>
  new Map(Object.entries(packed).map(([name, tensor]) => [name, unpack(tensor)]));

const config: BertConfig = {
  vocabSize: golden.config.vocab_size,
  hiddenSize: golden.config.hidden_size,
  numHiddenLayers: golden.config.num_hidden_layers,
  numAttentionHeads: golden.config.num_attention_heads,
  intermediateSize: golden.config.intermediate_size,
  maxPositionEmbeddings: golden.config.max_position_embeddings,
  typeVocabSize: golden.config.type_vocab_size,
  hiddenDropoutProb: 0,
  attentionProbsDropoutProb: 0,
  layerNormEps: golden.config.layer_norm_eps,
  initializerRange: 0.02,
};
const batch = golden.next_labels.length as number;
const length = golden.ids.length / batch;
const masked = golden.positions.flat().length as number;

function loadedSpace(): ParameterSpace {
  const space = new ParameterSpace(bertPretrainingParameters(config), {
    scratchBytes: 1 << 20,
    partials: 0,
    scalars: 4,
  });
  space.importWeights(tensors(golden.weights));
  return space;
}
const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
const difference = (a: Float32Array, b: Float32Array) => a.map((x, i) => x - b[i]);

async function worstForward(
  kind: 'compiled' | 'cpu',
  changed: Partial<BertConfig> = {},
): Promise<Record<string, number>> {
  const { inputs, model } = bertForward({ ...config, ...changed }, { batch, length }, { attention: true });
  const program = await createEngine(kind).compileForward({ key: 'golden', model, inputs, space: loadedSpace() });
  program.inputs.ids.set(golden.ids);
  program.inputs.segments.set(golden.segments);
  program.inputs.mask.set(golden.mask);
  const outputs = await program.run();
  await program.dispose();
  const expected = [...tensors(golden.outputs)];
  expect(Object.keys(outputs).sort()).toEqual(expected.map(([name]) => name).sort());
  return Object.fromEntries(
    expected.map(([name, { shape, data }]) => {
      expect(outputs[name].shape).toEqual(shape);
      return [name, Math.max(...difference(outputs[name].data, data).map(Math.abs))];
    }),
  );
}

describe.each(['compiled', 'cpu'] as const)('BERT on the %s engine', (kind) => {
  it("gives transformers' activations of every layer within 1e-5", async () => {
    for (const [name, worst] of Object.entries(await worstForward(kind))) {
      expect({ name, close: worst < 1e-5, worst }).toMatchObject({ close: true });
    }
  });

  it.each([2, 4])("gives transformers' losses and all its gradients, in chunks of %i", async (chunk) => {
    const space = loadedSpace();
    const { inputs, model, place } = bertPretraining(config, { batch, length, slots: 4, chunk });
    const program = await createEngine(kind).compile({ key: 'golden', model, inputs, space, dropout: true });
    place(
      {
        inputIds: Int32Array.from(golden.ids),
        tokenTypeIds: Int32Array.from(golden.segments),
        attentionMask: Int32Array.from(golden.mask),
        maskedPositions: golden.positions,
        labels: golden.labels,
        nextSentenceLabels: Int32Array.from(golden.next_labels),
        weights: new Float32Array(batch).fill(1),
      },
      program.inputs,
      { mlm: 1 / masked, nsp: 1 / batch },
    );
    space.g.fill(Number.NaN);
    const sums = await program.run({ seed: 1, step: 1, shard: 0, micro: 0 });
    await program.dispose();
    expect(sums.mlmLoss / masked).toBeCloseTo(golden.mlm, 5);
    expect(sums.nspLoss / batch).toBeCloseTo(golden.nsp, 5);
    const expected = tensors(golden.gradients);
    const gradient = space.exportGradient();
    expect([...gradient.keys()].sort()).toEqual([...expected.keys()].sort());
    const whole = Math.sqrt([...expected.values()].reduce((sum, { data }) => sum + norm(data) ** 2, 0));
    for (const [name, { shape, data }] of expected) {
      const ours = gradient.get(name);
      expect(ours?.shape).toEqual(shape);
      // the exact gradient of a key's bias is 0 (softmax does not see it): measured against the whole gradient
      const scale = name.endsWith('key.bias') ? whole : norm(data);
      const worst = norm(difference(ours?.data ?? new Float32Array(0), data)) / scale;
      expect({ name, close: worst < 1e-4, worst }).toMatchObject({ close: true });
    }
  });
});

describe('the golden values', () => {
  it('would show another activation or epsilon', async () => {
    for (const margin of Object.values(golden.margins as Record<string, number>)) expect(margin).toBeGreaterThan(1e-4);
    expect((await worstForward('compiled', { layerNormEps: 1e-5 })).lastHiddenState).toBeGreaterThan(1e-4);
  });
});

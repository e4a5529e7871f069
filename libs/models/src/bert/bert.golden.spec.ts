// Against transformers' BertForPreTraining (test/golden/make_bert.py): every layer, losses, all gradients, on both kinds of engine.
import { describe, expect, it, jest } from '@jest/globals';
import { createEngine, ParameterSpace } from '@regatta/engine';
import { bertConfigOf, expectGradients, farthest, readGolden, unpackAll } from '../../../../test/support/golden.js';
import { type BertConfig, bertForward, bertPretraining, bertPretrainingParameters } from '../index.js';

// the eager engines are slow, and a busy machine is no failure
jest.setTimeout(300_000);

const golden = readGolden('bert');
const config = bertConfigOf(golden.config);
const batch = golden.next_labels.length as number;
const length = golden.ids.length / batch;
const masked = golden.positions.flat().length as number;

function loadedSpace(): ParameterSpace {
  const space = new ParameterSpace(bertPretrainingParameters(config), {
    scratchBytes: 1 << 20,
    partials: 0,
    scalars: 4,
  });
  space.importWeights(unpackAll(golden.weights));
  return space;
}

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
  const expected = [...unpackAll(golden.outputs)];
  expect(Object.keys(outputs).sort()).toEqual(expected.map(([name]) => name).sort());
  return Object.fromEntries(
    expected.map(([name, { shape, data }]) => {
      expect(outputs[name].shape).toEqual(shape);
      return [name, farthest(outputs[name].data, data)];
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
    expectGradients(space.exportGradient(), unpackAll(golden.gradients));
  });
});

describe('the golden values', () => {
  it('would show another activation or epsilon', async () => {
    for (const margin of Object.values(golden.margins as Record<string, number>)) expect(margin).toBeGreaterThan(1e-4);
    expect((await worstForward('compiled', { layerNormEps: 1e-5 })).lastHiddenState).toBeGreaterThan(1e-4);
  });
});

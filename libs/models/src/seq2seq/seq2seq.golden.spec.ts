// Against models of torch.nn.GRU (test/golden/make_seq2seq.py): sums, all gradients, and every step of the decoder.
import { describe, expect, it, jest } from '@jest/globals';
import { createEngine, ParameterSpace } from '@regatta/engine';
import {
  expectGradients,
  farthest,
  type Packed,
  readGolden,
  unpack,
  unpackAll,
} from '../../../../test/support/golden.js';
import type { TranslationBatch } from '../translation.js';
import { type Seq2SeqConfig, seq2seqModel } from './index.js';

// the eager engine is slow, and a busy machine is no failure
jest.setTimeout(300_000);

interface Case {
  architecture: Seq2SeqConfig['architecture'];
  tied: boolean;
  loss: number;
  nll: number;
  correct: number;
  weights: Record<string, Packed>;
  gradients: Record<string, Packed>;
  outputs: Packed;
  states: Packed;
  logits: Packed;
  attention?: Packed;
}
const golden = readGolden('seq2seq');
const { batch, sourceLength, targetLength, hiddenSize, layers, source, target } = golden.sizes as Record<
  string,
  number
>;

const pairs: TranslationBatch = {
  sourceIds: Int32Array.from(golden.sourceIds),
  sourceLengths: Int32Array.from(golden.sourceLengths),
  targetInputIds: Int32Array.from(golden.targetInputIds),
  targetIds: Int32Array.from(golden.targetIds),
  weights: Float32Array.from(golden.tokenWeights),
};

function prepared({ architecture, tied, weights }: Case) {
  const config: Seq2SeqConfig = {
    architecture,
    hiddenSize,
    numHiddenLayers: layers,
    dropout: 0,
    tieEmbeddings: tied,
    labelSmoothing: golden.smoothing,
  };
  const model = seq2seqModel(config, { source, target });
  const space = new ParameterSpace(model.parameters, { scratchBytes: 1 << 20, partials: 0, scalars: 4 });
  space.importWeights(unpackAll(weights));
  return { model, space };
}

describe.each((golden.cases as Case[]).map((c) => [c.architecture, c] as const))('%s', (_, expected) => {
  it.each(['compiled', 'cpu'] as const)("gives torch's losses and all its gradients on the %s engine", async (kind) => {
    const { model, space } = prepared(expected);
    const { inputs, model: step, place } = model.train({ batch, sourceLength, targetLength });
    const program = await createEngine(kind).compile({ key: 'golden', model: step, inputs, space, dropout: true });
    place(pairs, program.inputs, golden.scale);
    space.g.fill(Number.NaN);
    const sums = await program.run({ seed: 1, step: 1, shard: 0, micro: 0 });
    await program.dispose();
    expect(sums.loss).toBeCloseTo(expected.loss, 4);
    expect(sums.nll).toBeCloseTo(expected.nll, 4);
    expect(sums.correct).toBe(expected.correct);
    expectGradients(space.exportGradient(), unpackAll(expected.gradients), 1e-5);
  });

  it("encodes and decodes step by step to torch's states, logits and attention", async () => {
    const { model, space } = prepared(expected);
    const engine = createEngine('compiled');
    const stage = model.encode({ batch, sourceLength });
    const encoder = await engine.compileForward({ key: 'encode', ...stage, space });
    encoder.inputs.sourceIds.set(pairs.sourceIds);
    const mask = Float32Array.from({ length: batch * sourceLength }, (__, i) =>
      i % sourceLength < pairs.sourceLengths[Math.floor(i / sourceLength)] ? 1 : 0,
    );
    encoder.inputs.sourceMask.set(mask);
    const memory = await encoder.run();
    await encoder.dispose();
    const states = unpack(expected.states).data;
    for (let l = 0; l < layers; l++) {
      const size = batch * hiddenSize;
      expect(farthest(memory[`state.h.${l}`].data, states.subarray(l * size, (l + 1) * size))).toBeLessThan(1e-5);
    }
    const decoder = await engine.compileForward({
      key: 'decode',
      ...model.decode({ batch, sourceLength, capacity: targetLength }),
      space,
    });
    let given: Record<string, { data: Float32Array }> = memory;
    for (let t = 0; t < targetLength; t++) {
      decoder.inputs.sourceMask.set(mask);
      for (const [name, { data }] of Object.entries({ ...memory, ...given })) decoder.inputs[name]?.set(data);
      for (let b = 0; b < batch; b++) {
        decoder.inputs.tokenIds[b] = pairs.targetInputIds[b * targetLength + t];
        decoder.inputs.position[b] = t;
      }
      given = await decoder.run();
      for (let b = 0; b < batch; b++) {
        const at = (b * targetLength + t) * target;
        const logits = unpack(expected.logits).data.subarray(at, at + target);
        expect(farthest(given.logits.data.subarray(b * target, (b + 1) * target), logits)).toBeLessThan(1e-5);
        if (!expected.attention) continue;
        const row = (b * targetLength + t) * sourceLength;
        const weights = unpack(expected.attention).data.subarray(row, row + sourceLength);
        const ours = given.attention.data.subarray(b * sourceLength, (b + 1) * sourceLength);
        expect(farthest(ours, weights)).toBeLessThan(1e-5);
        for (let s = pairs.sourceLengths[b]; s < sourceLength; s++) expect(ours[s]).toBe(0);
      }
    }
    await decoder.dispose();
  });
});

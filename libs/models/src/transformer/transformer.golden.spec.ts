// Against torch.nn (test/golden/make_transformer.py): post- and pre-norm with relu and gelu; encoder, logits, losses, all gradients.
import { describe, expect, it, jest } from '@jest/globals';
import { createEngine, type EngineKind, ParameterSpace } from '@regatta/engine';
import {
  difference,
  expectGradients,
  farthest,
  type Packed,
  readGolden,
  unpack,
  unpackAll,
} from '../../../../test/support/golden.js';
import { sinusoidalPositions, type TransformerConfig, transformerForward, transformerModel } from './index.js';

// the eager engine is slow, and a busy machine is no failure
jest.setTimeout(300_000);

interface GoldenCase {
  norm: 'post' | 'pre';
  activation: 'relu' | 'gelu';
  tied: boolean;
  smoothing: number;
  memory: Packed;
  logits: Packed;
  loss: number;
  nll: number;
  correct: number;
  gradients: Record<string, Packed>;
}
const golden = readGolden('transformer');
const { B, S, T, D, H, I, L, source, target } = golden.sizes as Record<string, number>;
const shape = { batch: B, sourceLength: S, targetLength: T };
const lengths = golden.sourceLengths as number[];

function prepared(golds: GoldenCase) {
  const config: TransformerConfig = {
    hiddenSize: D,
    numHiddenLayers: L,
    numAttentionHeads: H,
    intermediateSize: I,
    dropout: 0,
    positions: 'sinusoidal',
    norm: golds.norm,
    activation: golds.activation,
    tieEmbeddings: golds.tied,
    labelSmoothing: golds.smoothing,
    maxPositionEmbeddings: S,
  };
  const model = transformerModel(config, { source, target });
  const space = new ParameterSpace(model.parameters, { scratchBytes: 1 << 20, partials: 0, scalars: 0 });
  space.importWeights(
    new Map(model.parameters.map(({ name }) => [name, unpack(golden.parameters[name] as Packed)] as const)),
  );
  return { config, model, space };
}

async function forward(kind: EngineKind, golds: GoldenCase) {
  const { config, space } = prepared(golds);
  const stage = transformerForward(config, shape);
  const program = await createEngine(kind).compileForward({ key: 'golden', space, ...stage });
  program.inputs.sourceIds.set(golden.sourceIds);
  program.inputs.targetInputIds.set(golden.targetInputIds);
  program.inputs.sourceMask.set(Float32Array.from({ length: B * S }, (_, i) => +(i % S < lengths[Math.floor(i / S)])));
  const outputs = await program.run();
  await program.dispose();
  return outputs;
}

const cases = golden.cases as GoldenCase[];
const named = cases.map((golds) => ({ name: `${golds.norm}-norm, ${golds.activation}`, golds }));

describe.each(['compiled', 'cpu'] as const)('the Transformer on the %s engine', (kind) => {
  it.each(named)("gives torch's encoder and logits within 1e-5: $name", async ({ golds }) => {
    const { memory, logits } = await forward(kind, golds);
    const expected = unpack(golds.memory);
    expect(memory.shape).toEqual(expected.shape);
    // torch computes something at padding too; nobody reads it
    const read = difference(memory.data, expected.data).filter(
      (_, i) => Math.floor(i / D) % S < lengths[Math.floor(i / D / S)],
    );
    expect(Math.max(...read.map(Math.abs))).toBeLessThan(1e-5);
    expect(logits.shape).toEqual(unpack(golds.logits).shape);
    const scale = Math.max(...unpack(golds.logits).data.map(Math.abs));
    expect(farthest(logits.data, unpack(golds.logits).data) / scale).toBeLessThan(1e-5);
  });

  it.each(named)("gives torch's losses and all its gradients: $name", async ({ golds }) => {
    const { model, space } = prepared(golds);
    const stage = model.train(shape);
    const program = await createEngine(kind).compile({ key: 'golden', space, dropout: true, ...stage });
    const count = (golden.weights as number[]).reduce((sum, x) => sum + x, 0);
    stage.place(
      {
        sourceIds: Int32Array.from(golden.sourceIds),
        sourceLengths: Int32Array.from(lengths),
        targetInputIds: Int32Array.from(golden.targetInputIds),
        targetIds: Int32Array.from(golden.targetIds),
        weights: Float32Array.from(golden.weights),
      },
      program.inputs,
      1 / count,
    );
    space.g.fill(Number.NaN);
    const sums = await program.run({ seed: 1, step: 1, shard: 0, micro: 0 });
    await program.dispose();
    expect(sums.correct).toBe(golds.correct);
    for (const name of ['loss', 'nll'] as const) expect(Math.abs(sums[name] / golds[name] - 1)).toBeLessThan(1e-6);
    expectGradients(space.exportGradient(), unpackAll(golds.gradients));
  });
});

describe('the golden values', () => {
  it('would show the other activation, the other place of the norm, or a wrong smoothing', async () => {
    const [first] = cases;
    const right = (await forward('compiled', first)).logits.data;
    const other = first.activation === 'gelu' ? 'relu' : 'gelu';
    const { logits } = await forward('compiled', { ...first, activation: other });
    expect(Math.max(...difference(logits.data, right).map(Math.abs))).toBeGreaterThan(1e-3);
    const smoothed = cases.filter((golds) => golds.smoothing > 0);
    for (const { loss, nll } of smoothed) expect(Math.abs(loss / nll - 1)).toBeGreaterThan(1e-4);
    expect(new Set(cases.map((golds) => golds.nll)).size).toBe(cases.length);
  });

  it('have the same sinusoids', () => {
    const expected = unpack(golden.positions as Packed).data;
    expect(Math.max(...difference(sinusoidalPositions(S, D), expected).map(Math.abs))).toBeLessThan(1e-6);
  });
});

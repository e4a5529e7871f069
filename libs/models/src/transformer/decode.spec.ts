// Decoding with a cache against the whole model under teacher forcing, and searches over it.
import { describe, expect, it, jest } from '@jest/globals';
import { createEngine, type EngineKind, ParameterSpace } from '@regatta/engine';
import { beamSearch, greedySearch, type Step } from '../decoding/index.js';
import { type TransformerConfig, transformerForward, transformerModel } from './index.js';

// the eager engine is slow, and a busy machine is no failure
jest.setTimeout(300_000);

const [B, S, C, D, V] = [3, 7, 6, 12, 19];
const config: TransformerConfig = {
  hiddenSize: D,
  numHiddenLayers: 2,
  numAttentionHeads: 3,
  intermediateSize: 14,
  dropout: 0.1,
  positions: 'sinusoidal',
  norm: 'post',
  activation: 'relu',
  tieEmbeddings: false,
  labelSmoothing: 0.1,
  maxPositionEmbeddings: 9,
};
const [beginId, endId] = [2, 3];
const sourceIds = Int32Array.from({ length: B * S }, (_, i) => (7 * i + 3) % 17);
const lengths = [7, 4, 5];
const sourceMask = Float32Array.from({ length: B * S }, (_, i) => +(i % S < lengths[Math.floor(i / S)]));

function prepared(changes: Partial<TransformerConfig>) {
  const changed = { ...config, ...changes };
  const model = transformerModel(changed, { source: 17, target: V });
  const space = new ParameterSpace(model.parameters, { scratchBytes: 1 << 20, partials: 0, scalars: 0 });
  space.initialize(11, 0.5);
  return { changed, model, space };
}
type Prepared = ReturnType<typeof prepared>;

/** rows [R · n] of a batch-first array, `times` copies of each row. */
const repeated = (values: Float32Array, times: number): Float32Array => {
  const width = values.length / B;
  return Float32Array.from({ length: values.length * times }, (_, i) => {
    const row = Math.floor(i / width / times);
    return values[row * width + (i % width)];
  });
};

/** The decoder of B sentences with `beams` rows each, its cache kept as TranslationModel says. */
async function stepper(kind: EngineKind, { model, space }: Prepared, beams = 1): Promise<Step> {
  const engine = createEngine(kind);
  const encoder = model.encode({ batch: B, sourceLength: S });
  const encode = await engine.compileForward({ key: 'encode', space, ...encoder });
  encode.inputs.sourceIds.set(sourceIds);
  encode.inputs.sourceMask.set(sourceMask);
  const memory = await encode.run();
  const rows = B * beams;
  const stage = model.decode({ batch: rows, sourceLength: S, capacity: C });
  const decode = await engine.compileForward({ key: 'decode', space, ...stage });
  const fixed = [
    ['sourceMask', sourceMask] as const,
    ...Object.entries(memory).map(([n, { data }]) => [n, data] as const),
  ];
  for (const [name, values] of fixed) decode.inputs[name].set(repeated(values, beams));
  const states = stage.inputs.filter(({ name }) => name.startsWith('state.')).map(({ name }) => name);
  // what a row has not written must not count, whatever an earlier translation has left there
  for (const name of states) decode.inputs[name].fill(100);
  return async (tokens, positions, origins) => {
    const width = C * D;
    for (const name of states) {
      const before = decode.inputs[name].slice();
      origins.forEach((from, r) => {
        decode.inputs[name].set(before.subarray(from * width, from * width + width), r * width);
      });
    }
    decode.inputs.tokenIds.set(tokens);
    decode.inputs.position.set(positions);
    const outputs = await decode.run();
    for (const name of states) {
      const row = outputs[name.replace('state.', 'row.')].data;
      positions.forEach((position, r) => {
        decode.inputs[name].set(row.subarray(r * D, r * D + D), r * width + position * D);
      });
    }
    expect(outputs.attention.shape).toEqual([rows, 6, S]);
    return { logits: outputs.logits.data, attention: outputs.attention.data };
  };
}

/** Logits [B, T, V] of the whole model for given target inputs [B · T]. */
async function teacherForced({ changed, space }: Prepared, inputIds: Int32Array): Promise<Float32Array> {
  const targetLength = inputIds.length / B;
  const stage = transformerForward(changed, { batch: B, sourceLength: S, targetLength });
  const program = await createEngine('compiled').compileForward({ key: 'whole', space, ...stage });
  program.inputs.sourceIds.set(sourceIds);
  program.inputs.sourceMask.set(sourceMask);
  program.inputs.targetInputIds.set(inputIds);
  const { logits } = await program.run();
  await program.dispose();
  return logits.data;
}

const here = Int32Array.from({ length: B }, (_, b) => b);

describe.each(['post', 'pre'] as const)('a cached decoder, %s-norm', (norm) => {
  it.each([
    ['compiled', { positions: 'sinusoidal', activation: 'relu' }],
    ['compiled', { positions: 'learned', activation: 'gelu', tieEmbeddings: true }],
    ['cpu', { positions: 'learned', activation: 'relu' }],
  ] as const)('gives the logits of the whole model within 1e-5 on the %s engine, %j', async (kind, changes) => {
    const model = prepared({ ...changes, norm });
    const inputIds = Int32Array.from({ length: B * C }, (_, i) => (i % C === 0 ? beginId : (5 * i + 1) % V));
    const whole = await teacherForced(model, inputIds);
    const step = await stepper(kind, model);
    for (let t = 0; t < C; t++) {
      const { logits, attention = new Float32Array(0) } = await step(
        here.map((b) => inputIds[b * C + t]),
        new Int32Array(B).fill(t),
        here,
      );
      for (let i = 0; i < B * V; i++) {
        const [b, v] = [Math.floor(i / V), i % V];
        expect(Math.abs(logits[i] - whole[(b * C + t) * V + v])).toBeLessThan(1e-5);
      }
      for (let row = 0; row < B * 6; row++) {
        const weights = attention.subarray(row * S, row * S + S);
        const length = lengths[Math.floor(row / 6)];
        expect(weights.subarray(0, length).reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 5);
        for (const masked of weights.subarray(length)) expect(masked).toBe(0);
      }
    }
  });

  it('translates greedily as the whole model would, shown its own translation', async () => {
    const model = prepared({ norm });
    const options = { batch: B, beginId, endId, capacity: C, lengthPenalty: 0.6 };
    const found = await greedySearch(await stepper('compiled', model), options);
    const said = found.map(({ tokens, finished }) => [...tokens, ...(finished ? [endId] : [])]);
    const inputIds = Int32Array.from(
      { length: B * C },
      (_, i) => [beginId, ...said[Math.floor(i / C)]][i % C] ?? endId,
    );
    const whole = await teacherForced(model, inputIds);
    said.forEach((tokens, b) => {
      let logProbability = 0;
      tokens.forEach((token, t) => {
        const logits = whole.subarray((b * C + t) * V, (b * C + t) * V + V);
        expect(token).toBe(logits.indexOf(Math.max(...logits)));
        logProbability += logits[token] - Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
      });
      expect(found[b].logProbability).toBeCloseTo(logProbability, 4);
      expect(found[b].attention?.length).toBe(tokens.length);
    });
    expect(await beamSearch(await stepper('compiled', model), { ...options, beamSize: 1 })).toEqual(
      found.map((h) => [h]),
    );
  });

  it('keeps the cache of each beam: scores are those of the whole model', async () => {
    const model = prepared({ norm });
    const options = { batch: B, beginId, endId, capacity: C, lengthPenalty: 0, beamSize: 4 };
    const found = await beamSearch(await stepper('compiled', model, 4), options);
    for (let k = 0; k < Math.min(...found.map((list) => list.length)); k++) {
      const said = found.map((list) => [...list[k].tokens, ...(list[k].finished ? [endId] : [])]);
      const inputIds = Int32Array.from(
        { length: B * C },
        (_, i) => [beginId, ...said[Math.floor(i / C)]][i % C] ?? endId,
      );
      const whole = await teacherForced(model, inputIds);
      said.forEach((tokens, b) => {
        const sum = tokens.reduce((total, token, t) => {
          const logits = whole.subarray((b * C + t) * V, (b * C + t) * V + V);
          return total + logits[token] - Math.log(logits.reduce((s, x) => s + Math.exp(x), 0));
        }, 0);
        expect(found[b][k].score).toBeCloseTo(sum, 4);
      });
    }
  });
});

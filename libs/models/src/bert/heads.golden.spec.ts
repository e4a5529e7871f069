// Against transformers' heads (test/golden/make_bert_heads.py): logits, states, losses, all gradients, on both kinds of engine.
import { describe, expect, it, jest } from '@jest/globals';
import { createEngine, type NamedTensor, ParameterSpace } from '@regatta/engine';
import {
  bertConfigOf,
  expectGradients,
  farthest,
  readGolden,
  unpack,
  unpackAll,
} from '../../../../test/support/golden.js';
import { type BertHeadShape, bertHeadForward, bertHeadParameters, bertHeadTraining, scaledRates } from '../index.js';

// the eager engines are slow, and a busy machine is no failure
jest.setTimeout(300_000);

const golden = readGolden('bert-heads');
const config = bertConfigOf(golden.config);
const batch = 3;
const length = 7;
const heads: BertHeadShape[] = [
  { kind: 'sequence-classification', labels: 3 },
  { kind: 'regression' },
  { kind: 'token-classification', labels: 5 },
  { kind: 'question-answering' },
];
/** What each loss is a mean over. */
const counts = { 'sequence-classification': 3, regression: 3, 'token-classification': 9, 'question-answering': 3 };

function loadedSpace(head: BertHeadShape, freeze: string[] = []): ParameterSpace {
  const space = new ParameterSpace(scaledRates(bertHeadParameters(config, head), config.numHiddenLayers, { freeze }), {
    scratchBytes: 1 << 20,
    partials: 0,
    scalars: 2,
  });
  const expected = unpackAll(golden.heads[head.kind].weights);
  expect(space.parameters.map(({ name }) => name).sort()).toEqual([...expected.keys()].sort());
  space.importWeights(expected);
  return space;
}

async function step(kind: 'compiled' | 'cpu', head: BertHeadShape, { chunk = 2, freeze = [] as string[] } = {}) {
  const space = loadedSpace(head, freeze);
  const training = bertHeadTraining(config, head, { batch, length, chunk });
  const { inputs, model, place } = training;
  const program = await createEngine(kind).compile({ key: 'golden', model, inputs, space, dropout: true });
  const labels = golden.heads[head.kind].labels;
  place(
    {
      inputIds: Int32Array.from(golden.ids),
      tokenTypeIds: Int32Array.from(golden.segments),
      attentionMask: Int32Array.from(golden.mask),
      weights: new Float32Array(batch).fill(1),
      labels: head.kind === 'regression' ? Float32Array.from(labels) : Int32Array.from(labels),
    },
    program.inputs,
    1 / counts[head.kind],
  );
  space.g.fill(Number.NaN);
  const sums = await program.run({ seed: 1, step: 1, shard: 0, micro: 0 });
  await program.dispose();
  return { sums, gradient: space.exportGradient(), names: training.sums };
}

async function forward(kind: 'compiled' | 'cpu', head: BertHeadShape, options = {}) {
  const { inputs, model } = bertHeadForward(config, head, { batch, length }, options);
  const program = await createEngine(kind).compileForward({ key: 'golden', model, inputs, space: loadedSpace(head) });
  program.inputs.ids.set(golden.ids);
  program.inputs.segments.set(golden.segments);
  program.inputs.mask.set(golden.mask);
  const outputs = await program.run();
  await program.dispose();
  return outputs;
}

const logitNames = ({ kind }: BertHeadShape) =>
  kind === 'question-answering' ? ['startLogits', 'endLogits'] : ['logits'];

describe.each(heads)('BERT for $kind', (head) => {
  const expected = golden.heads[head.kind];

  it.each(['compiled', 'cpu'] as const)("gives transformers' logits on the %s engine within 1e-5", async (kind) => {
    for (const options of [{}, { attention: true, hiddenStates: true }]) {
      const outputs = await forward(kind, head, options);
      logitNames(head).forEach((name, i) => {
        const { shape, data } = unpack(expected.logits[i]);
        expect(outputs[name].shape).toEqual(shape);
        expect(farthest(outputs[name].data, data)).toBeLessThan(1e-5);
      });
      const more = 'attention' in options ? ['attentions', 'hiddenStates'] : [];
      expect(Object.keys(outputs).sort()).toEqual([...logitNames(head), ...more].sort());
      for (const name of more) {
        const { shape, data } = unpack(expected[name]);
        expect(outputs[name].shape).toEqual(shape);
        expect(farthest(outputs[name].data, data)).toBeLessThan(1e-5);
      }
    }
  });

  it.each(['compiled', 'cpu'] as const)("gives transformers' loss and all its gradients on %s", async (kind) => {
    const { sums, gradient, names } = await step(kind, head);
    expect(Object.keys(sums)).toEqual(names);
    expect(sums.loss / counts[head.kind]).toBeCloseTo(expected.loss, 5);
    expectGradients(gradient, unpackAll(expected.gradients));
  });

  it('computes no gradient of frozen parts, and the same of the others', async () => {
    const all = (await step('compiled', head)).gradient;
    for (const freeze of [['encoder.1'], ['embeddings', 'encoder.0'], ['embeddings', 'encoder', 'pooler']]) {
      for (const kind of ['compiled', 'cpu'] as const) {
        const { gradient } = await step(kind, head, { freeze });
        const isFrozen = (name: string) => freeze.some((p) => name.includes(p.replace('encoder.', 'encoder.layer.')));
        expect([...gradient.keys()].sort()).toEqual([...all.keys()].filter((name) => !isFrozen(name)).sort());
        for (const [name, { data }] of gradient) {
          const off = farthest(data, (all.get(name) as NamedTensor).data);
          expect({ name, off }).toEqual({ name, off: expect.closeTo(0, 5) });
        }
      }
    }
  });
});

describe('counts of a head', () => {
  it.each(heads)('$kind counts what its logits have right, whatever the chunks', async (head) => {
    if (head.kind === 'regression') return;
    const { labels, logits } = golden.heads[head.kind];
    const rows = logits.map(unpack) as NamedTensor[];
    const argmax = (row: Float32Array) => row.indexOf(Math.max(...row));
    let right = 0;
    if (head.kind === 'question-answering') {
      rows.forEach(({ data }, boundary) => {
        for (let b = 0; b < batch; b++) {
          const tokens = golden.mask.slice(b * length, (b + 1) * length).reduce((n: number, x: number) => n + x, 0);
          if (argmax(data.subarray(b * length, b * length + tokens)) === labels[2 * b + boundary]) right++;
        }
      });
    } else {
      const width = rows[0].shape.at(-1) as number;
      labels.forEach((label: number, i: number) => {
        if (label >= 0 && argmax(rows[0].data.subarray(i * width, (i + 1) * width)) === label) right++;
      });
    }
    for (const chunk of [1, 2, 4]) expect((await step('compiled', head, { chunk })).sums.correct).toBe(right);
  });
});

// One training step of Regatta's compiled engine a line of input: forward, gradient, norm, clipping, AdamW. Started by run.mjs.
import { readFileSync } from 'node:fs';
import readline from 'node:readline';
import { createEngine, ParameterSpace } from '@regatta/engine';
import { bertPretraining, bertPretrainingParameters } from '@regatta/models';

const { config, shape, threads, dropout, data } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const model = { ...config, hiddenDropoutProb: dropout, attentionProbsDropoutProb: dropout };
const space = new ParameterSpace(bertPretrainingParameters(model), { scratchBytes: 2 ** 28, partials: 0, scalars: 16 });
space.initialize(1, model.initializerRange);
const bert = bertPretraining(model, shape);
const engine = createEngine('compiled', { threads });
const program = await engine.compile({ key: 'bench', model: bert.model, inputs: bert.inputs, space, dropout: true });
const masked = data.positions.flat().length;
const batch = {
  inputIds: Int32Array.from(data.ids),
  tokenTypeIds: Int32Array.from(data.segments),
  attentionMask: Int32Array.from(data.attention),
  maskedPositions: data.positions,
  labels: data.labels,
  nextSentenceLabels: Int32Array.from(data.next),
  weights: new Float32Array(shape.batch).fill(1),
};
const optimizer = { learningRate: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 };

let step = 0;
console.log('ready');
for await (const _ of readline.createInterface({ input: process.stdin })) {
  step += 1;
  const start = performance.now();
  bert.place(batch, program.inputs, { mlm: 1 / masked, nsp: 1 / shape.batch });
  const sums = await program.run({ seed: 1, step, shard: 0, micro: 0 });
  space.adamw(space.g, { ...optimizer, step });
  const ms = performance.now() - start;
  console.log(JSON.stringify({ ms, loss: sums.mlmLoss / masked + sums.nspLoss / shape.batch }));
}

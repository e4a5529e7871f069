import { ParameterSpace } from '@regatta/engine';
import { bertPretraining, bertPretrainingParameters } from '@regatta/models';

const optimizer = { learningRate: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 };

/**
 * A pretraining step on the batch of a job (job.mjs) with an engine.
 * @returns {Promise<{space: ParameterSpace, sites: {site: string, shape: number[], rate: number}[], gradient(step: number): Promise<number>,
 *   update(step: number): void}>} `sites` of dropout in the order in which the model asks; `gradient` gives the loss
 */
export async function bertStep({ config, shape, dropout, data }, engine) {
  const model = { ...config, hiddenDropoutProb: dropout, attentionProbsDropoutProb: dropout };
  const parameters = bertPretrainingParameters(model);
  const space = new ParameterSpace(parameters, { scratchBytes: 2 ** 28, partials: 0, scalars: 16 });
  space.initialize(1, model.initializerRange);
  const bert = bertPretraining(model, shape);
  const sites = [];
  const program = await engine.compile({
    key: 'bench',
    model: (p, x, keep) =>
      bert.model(p, x, (site, dims, rate) => {
        sites.push({ site, shape: dims, rate });
        return keep(site, dims, rate);
      }),
    inputs: bert.inputs,
    space,
    dropout: true,
  });
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
  return {
    space,
    sites,
    async gradient(step) {
      bert.place(batch, program.inputs, { mlm: 1 / masked, nsp: 1 / shape.batch });
      const sums = await program.run({ seed: 1, step, shard: 0, micro: 0 });
      return sums.mlmLoss / masked + sums.nspLoss / shape.batch;
    },
    update(step) {
      space.adamw(space.g, { ...optimizer, step });
    },
  };
}

import { TreeSum } from '@regatta/collective';
import { ParameterSpace } from '@regatta/engine';
import { models } from './our-models.mjs';

const optimizer = {
  learningRate: 1e-4,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  clipNorm: 1,
};

/**
 * A training step on the batch of a job (job.mjs) with an engine; the gradients of the job's shards are added as a worker adds them.
 * @returns {Promise<{space: ParameterSpace, sites: {site: string, shape: number[], rate: number}[], gradient(step: number, only?: number[]): Promise<number>,
 *   update(step: number): void}>} `sites` of dropout in the order in which the model asks; `gradient` gives the loss, of `only` some shards where given
 */
export async function ourStep(job, engine) {
  const { parameters, train, place, loss, std = 0.02 } = models[job.task](job);
  const { shards } = job;
  const partials = shards > 1 ? TreeSum.buffersFor(shards) : 0;
  const space = new ParameterSpace(parameters, { scratchBytes: 2 ** 28, partials, scalars: 16 });
  space.initialize(1, std);
  const sites = [];
  const program = await engine.compile({
    key: 'bench',
    model: (p, x, keep) =>
      train.model(p, x, (site, dims, rate) => {
        sites.push({ site, shape: dims, rate });
        return keep(site, dims, rate);
      }),
    inputs: train.inputs,
    space,
    dropout: true,
  });
  const run = async (step, shard) => {
    place(train, program.inputs, shard);
    return loss(await program.run({ seed: 1, step, shard, micro: 0 }));
  };
  let flat = space.g;
  return {
    space,
    sites,
    async gradient(step, only = Array.from({ length: shards }, (_, shard) => shard)) {
      if (shards === 1) return run(step, 0);
      const free = Array.from({ length: partials }, (_, i) => space.partial(i));
      const tree = new TreeSum(only.length, free, (target, source) => space.add(target, source));
      let sum = 0;
      for (const shard of only) {
        sum += await run(step, shard);
        space.copy(tree.leaf(), space.g);
        tree.push();
      }
      flat = tree.result();
      return sum;
    },
    update(step) {
      space.adamw(flat, { ...optimizer, step });
    },
  };
}

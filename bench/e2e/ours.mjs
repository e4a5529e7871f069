import { TreeSum } from '@regatta/collective';
import { createEngine, ParameterSpace } from '@regatta/engine';
import { bertPretraining, bertPretrainingParameters } from '@regatta/models';
import { batchOf, epochPlan, maskedCount, stepCounts } from '@regatta/text';

/**
 * Trains an epoch over the pairs as a worker does, a length bucket a step, graphs made on the way; then the masked loss of held-out batches.
 * @returns {Promise<{seconds: number, cpu: number, loss: number, peakMiB: number}>} processor time in seconds, too
 */
export async function trainOurs({
  model,
  data,
  examples,
  buckets,
  batchSize,
  rates,
  optimizer,
  masking,
  heldOut,
  initial,
  shards,
}) {
  const { corpus, tokenizer } = data;
  const parameters = bertPretrainingParameters(model);
  const partials = TreeSum.buffersFor(shards);
  const space = new ParameterSpace(parameters, { scratchBytes: 2 ** 27, partials, scalars: 16 });
  space.importWeights(initial);
  const engine = createEngine('compiled', { threads: 1 });
  const [started, usage] = [performance.now(), process.cpuUsage()];
  const graphs = new Map();
  for (const length of buckets) {
    const slots = maskedCount(length - 3, masking.maskProbability);
    const bert = bertPretraining(model, { batch: batchSize / shards, length, slots });
    const program = await engine.compile({
      key: `${length}`,
      model: bert.model,
      inputs: bert.inputs,
      space,
      dropout: true,
    });
    graphs.set(length, { bert, program });
  }
  const plan = epochPlan({
    seed: 1,
    epoch: 0,
    lengths: examples.lengths,
    buckets,
    globalBatchSize: batchSize,
    logicalShards: shards,
  });
  for (let index = 0; index < plan.steps; index++) {
    const step = index + 1;
    const planned = plan.step(index);
    const counts = stepCounts(examples, planned, masking.maskProbability);
    const { bert, program } = graphs.get(planned.bucket);
    const tree = new TreeSum(
      shards,
      Array.from({ length: partials }, (_, i) => space.partial(i)),
      (a, b) => space.add(a, b),
    );
    for (let shard = 0; shard < shards; shard++) {
      const where = { ids: planned.shards[shard], real: planned.real[shard], seed: 1, step, shard, firstRow: 0 };
      const batch = batchOf({ corpus, examples, tokenizer, masking, length: planned.bucket, ...where });
      bert.place(batch, program.inputs, { mlm: 1 / counts.maskedTokens, nsp: 1 / counts.examples });
      await program.run({ seed: 1, step, shard, micro: 0 });
      space.copy(tree.leaf(), space.g);
      tree.push();
    }
    space.adamw(tree.result(), { ...optimizer, step, learningRate: rates[Math.min(index, rates.length - 1)] });
  }
  const seconds = (performance.now() - started) / 1e3;
  const { user, system } = process.cpuUsage(usage);
  return {
    seconds,
    cpu: (user + system) / 1e6,
    loss: await evaluate(engine, space, model, heldOut),
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

/** Nats a masked token of held-out batches of one shape. */
async function evaluate(engine, space, model, { batches, shape }) {
  const bert = bertPretraining(model, shape);
  const program = await engine.compileForward({
    key: 'held out',
    model: (p, x) => bert.model(p, x, () => undefined).sums,
    inputs: bert.inputs,
    space,
  });
  let [sum, count] = [0, 0];
  for (const batch of batches) {
    bert.place(batch, program.inputs, { mlm: 0, nsp: 0 });
    sum += (await program.run()).mlmLoss.data[0];
    count += batch.labels.flat().length;
  }
  return sum / count;
}

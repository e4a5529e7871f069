import { demoRun } from '../../tools/demo-run.mjs';

/** Two workers, the gradients of each batch summed in four parts. */
export const two = { minWorkers: 2, maxWorkers: 2, logicalShards: 4 };
/** Small batches, and the gradients of large models, are cut into no more shards than there are workers: each has its cost. */
export const twoShards = { ...two, logicalShards: 2 };
/** Of a completed run's last evaluation. */
export const value = (run, name) => run.metrics[`validation.${name}`];
export const baseline = (run, name) => run.metrics[`validation.baseline.${name}`];
export const percent = (x) => `${(100 * x).toFixed(1)} %`;
export const seldom = { evaluateEvery: 1_000_000, checkpointEvery: 1_000_000 };

/** A line whose target is the baseline itself. */
export const above = (what, reached, trivial, show = percent) => ({
  what,
  target: 'above the baseline',
  reached: show(reached),
  baseline: show(trivial),
  ok: reached > trivial,
});

/** The demo's model, with positions for the passages that it is to classify. */
export const pretrained = (laboratory) =>
  laboratory.train({
    ...demoRun,
    name: 'pretrain-tiny',
    model: { ...demoRun.model, maxPositionEmbeddings: 128 },
    distributed: two,
  });

export const finetune = (name, dataset, model, maxSteps, training = {}, learningRate = 1e-3) => ({
  name,
  task: 'bert-finetune',
  dataset,
  model: { hiddenDropoutProb: 0.1, attentionProbsDropoutProb: 0.1, ...model },
  training: { maxSteps, globalBatchSize: 32, maxLength: 64, ...seldom, ...training },
  optimizer: { learningRate, warmupSteps: 50 },
  distributed: two,
});
export const fromScratch = { preset: 'bert-tiny', initializerRange: 0.05 };

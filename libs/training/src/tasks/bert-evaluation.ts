import type { ConfigOf } from '@regatta/contracts';
import {
  batchOf,
  epochPlan,
  type PretrainingBatch,
  pretrainingExamples,
  type StepCounts,
  stepCounts,
  unigramCounts,
  unigramEntropy,
} from '@regatta/text';
import type { EvaluationWork, Sums } from '../task.js';
import type { BertGraphs } from './bert-graphs.js';
import { bertMetrics, bertSums } from './bert-metrics.js';
import type { PretrainingData } from './pretraining-data.js';

/** Held-out examples that an evaluation reads at most (whole steps of them): enough for two digits of the loss, and cheap. */
const mostExamples = 1024;
/** Training steps count from 1, so step 0 of the masks is free. */
const evaluationStep = 0;

/** A run's held-out micro-batches by shard, and what they count together. */
export interface HeldOut {
  counts: StepCounts;
  batches: { length: number; batch: PretrainingBatch }[][];
}

/** The parts of a run's configuration that its held-out examples hang on. */
export interface HeldOutSettings {
  seed: number;
  training: Pick<ConfigOf<'bert-pretrain'>['training'], 'maxLength' | 'globalBatchSize' | 'microBatchSize'>;
  pretraining: ConfigOf<'bert-pretrain'>['pretraining'];
  distributed: Pick<ConfigOf<'bert-pretrain'>['distributed'], 'logicalShards'>;
}

/** At most about 1,024 held-out examples, drawn by the seed, with fixed masks; null where the held-out documents give no example. */
export function heldOut(config: HeldOutSettings, data: PretrainingData, buckets: readonly number[]): HeldOut | null {
  const { seed, training, pretraining, distributed } = config;
  const { maxLength, globalBatchSize, microBatchSize } = training;
  const { nextSentence } = pretraining;
  const { logicalShards } = distributed;
  const { corpus, tokenizer } = data;
  const examples = pretrainingExamples(corpus, data.validation, { maxLength, nextSentence, seed, epoch: 0 });
  if (examples.count === 0) return null;
  const plan = epochPlan({ seed, epoch: 0, lengths: examples.lengths, buckets, globalBatchSize, logicalShards });
  const steps = Math.min(plan.steps, Math.max(1, Math.floor(mostExamples / globalBatchSize)));

  const counts: StepCounts = { examples: 0, maskedTokens: 0, tokens: 0 };
  const batches: HeldOut['batches'] = Array.from({ length: logicalShards }, () => []);
  const rows = globalBatchSize / logicalShards;
  for (let i = 0; i < steps; i++) {
    const step = plan.step(i);
    addCounts(counts, stepCounts(examples, step, pretraining.maskProbability));
    step.shards.forEach((ids, shard) => {
      for (let row = 0; row < rows; row += microBatchSize) {
        const batch = batchOf({
          corpus,
          examples,
          tokenizer,
          masking: pretraining,
          ids: ids.subarray(row, row + microBatchSize),
          length: step.bucket,
          seed,
          step: evaluationStep,
          shard,
          // the masks of all held-out batches of a shard are one sequence of rows
          firstRow: i * rows + row,
          real: i * rows + step.real[shard],
        });
        batches[shard].push({ length: step.bucket, batch });
      }
    });
  }
  return { counts, batches };
}

/** The held-out part of a run: the same examples with the same masks at every evaluation. null where there is nothing held out. */
export function bertEvaluation(
  config: ConfigOf<'bert-pretrain'>,
  data: PretrainingData,
  buckets: readonly number[],
  graphs: ReadonlyMap<number, BertGraphs>,
): EvaluationWork | null {
  const held = heldOut(config, data, buckets);
  if (held === null) return null;
  const { counts, batches } = held;
  const { nextSentence } = config.pretraining;
  return {
    async run(shard) {
      const total: Sums = Object.fromEntries(bertSums.map((name) => [name, 0]));
      for (const { length, batch } of batches[shard]) {
        const sums = await (graphs.get(length) as BertGraphs).evaluate(batch);
        for (const name of bertSums) total[name] += sums[name];
      }
      return { sums: total };
    },
    report: (sums) => ({ metrics: bertMetrics(sums, counts, nextSentence) }),
    baselines: baselines(data, batches.flat(), nextSentence),
  };
}

function addCounts(total: StepCounts, more: StepCounts): void {
  total.examples += more.examples;
  total.maskedTokens += more.maskedTokens;
  total.tokens += more.tokens;
}

/** What is reached without looking at the text: token frequencies of the training text for the masked tokens, a coin for the pairs. */
function baselines(
  { corpus, train, tokenizer }: PretrainingData,
  batches: { batch: PretrainingBatch }[],
  nextSentence: boolean,
): Record<string, number> {
  const targets = batches.flatMap(({ batch }) => batch.labels.filter((_, row) => batch.weights[row] > 0).flat());
  const mlm = unigramEntropy(unigramCounts(corpus, train, tokenizer.vocab.length), targets);
  return nextSentence
    ? { loss: mlm + Math.LN2, 'mlm.loss': mlm, 'nsp.loss': Math.LN2 }
    : { loss: mlm, 'mlm.loss': mlm };
}

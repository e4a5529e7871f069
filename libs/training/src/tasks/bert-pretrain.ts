import { createHash } from 'node:crypto';
import { AppError, type ConfigOf } from '@regatta/contracts';
import { ParameterSpace } from '@regatta/engine';
import { type BertConfig, bertPretrainingParameters, huggingFaceConfig } from '@regatta/models';
import {
  batchOf,
  epochPlan,
  type PlannedStep,
  type PretrainingExamples,
  pretrainingExamples,
  stepCounts,
  type WordPieceTokenizer,
} from '@regatta/text';
import { localStepsOf } from '../local-steps.js';
import { partialsNeeded } from '../shard-sums.js';
import {
  configOf,
  type EpochWork,
  type PreparedTask,
  type PrepareOptions,
  type StepWork,
  type TaskHandler,
} from '../task.js';
import { bertEvaluation } from './bert-evaluation.js';
import { bertFiles } from './bert-files.js';
import { BertGraphs, graphShape, scratchBytes } from './bert-graphs.js';
import { bertMetrics, bertSums } from './bert-metrics.js';
import { type PretrainingData, pretrainingData } from './pretraining-data.js';

type Config = ConfigOf<'bert-pretrain'>;

/** Pretraining of BERT: masked language model and next sentence, on documents of plain text. */
export const bertPretrain: TaskHandler = { name: 'bert-pretrain', prepare };

async function prepare({ spec, store, engine }: PrepareOptions): Promise<PreparedTask> {
  const config = configOf(spec, 'bert-pretrain');
  const data = await pretrainingData(spec, store);
  const model = bertConfig(config, data.tokenizer);
  const buckets = [config.training.maxLength];
  const shapes = buckets.map((length) => graphShape(config, length));
  const space = new ParameterSpace(bertPretrainingParameters(model), {
    scratchBytes: Math.max(...shapes.map((shape) => scratchBytes(model, shape))),
    partials: partialsNeeded(config.distributed.logicalShards, config.distributed.maxWorkers),
    localSteps: localStepsOf(config),
    scalars: bertSums.length,
  });
  const graphs = new Map<number, BertGraphs>();
  for (const shape of shapes) graphs.set(shape.length, await BertGraphs.compile(engine, space, model, shape));
  const modelConfig = huggingFaceConfig(model);
  return {
    space,
    sums: bertSums,
    microBatches: config.training.globalBatchSize / config.distributed.logicalShards / config.training.microBatchSize,
    initialize: () => space.initialize(config.seed, config.model.initializerRange),
    epoch: (epoch) => epochWork(config, data, buckets, graphs, epoch),
    evaluation: bertEvaluation(config, data, buckets, graphs),
    parameters: space.parameters.reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0),
    modelConfig,
    files: () => bertFiles(modelConfig, data.tokenizer, config.training.maxLength),
    async dispose() {
      for (const graph of graphs.values()) await graph.dispose();
    },
  };
}

function bertConfig({ model }: Config, tokenizer: WordPieceTokenizer): BertConfig {
  return {
    vocabSize: tokenizer.vocab.length,
    hiddenSize: model.hiddenSize,
    numHiddenLayers: model.numHiddenLayers,
    numAttentionHeads: model.numAttentionHeads,
    intermediateSize: model.intermediateSize,
    maxPositionEmbeddings: model.maxPositionEmbeddings,
    typeVocabSize: 2,
    hiddenDropoutProb: model.hiddenDropoutProb,
    attentionProbsDropoutProb: model.attentionProbsDropoutProb,
    layerNormEps: 1e-12,
    initializerRange: model.initializerRange,
  };
}

/** Every epoch packs and pairs the documents anew, so their number of steps may differ a little. */
function epochWork(
  config: Config,
  data: PretrainingData,
  buckets: readonly number[],
  graphs: ReadonlyMap<number, BertGraphs>,
  epoch: number,
): EpochWork {
  const { seed, training, pretraining, distributed } = config;
  const { maxLength, globalBatchSize } = training;
  const { nextSentence } = pretraining;
  const examples = pretrainingExamples(data.corpus, data.train, { maxLength, nextSentence, seed, epoch });
  if (examples.count === 0) {
    throw new AppError('invalid-file', 'The training documents give not a single example.', {
      next: 'Upload more text: examples are made of two sentences that follow each other.',
    });
  }
  const { logicalShards } = distributed;
  const plan = epochPlan({ seed, epoch, lengths: examples.lengths, buckets, globalBatchSize, logicalShards });
  return {
    steps: plan.steps,
    hash: createHash('sha256').update(plan.hash).update(data.tokenizer.vocabTxt()).digest('hex'),
    step: (index, step) => stepWork(config, data, examples, plan.step(index), graphs, step),
  };
}

function stepWork(
  config: Config,
  { corpus, tokenizer }: PretrainingData,
  examples: PretrainingExamples,
  planned: PlannedStep,
  graphs: ReadonlyMap<number, BertGraphs>,
  step: number,
): StepWork {
  const { seed, pretraining, training } = config;
  const { maskProbability, nextSentence } = pretraining;
  const counts = stepCounts(examples, planned, maskProbability);
  // without next-sentence pairs there is nothing to count for them: the term is 0
  const scaledBy = nextSentence ? counts : { ...counts, examples: 0 };
  const graph = graphs.get(planned.bucket) as BertGraphs;
  return {
    tokens: counts.tokens,
    metrics: (sums) => bertMetrics(sums, counts, nextSentence),
    run(shard, micro) {
      const firstRow = micro * training.microBatchSize;
      const batch = batchOf({
        corpus,
        examples,
        tokenizer,
        masking: pretraining,
        ids: planned.shards[shard].subarray(firstRow, firstRow + training.microBatchSize),
        length: planned.bucket,
        seed,
        step,
        shard,
        firstRow,
        real: planned.real[shard],
      });
      return graph.train(batch, scaledBy, { seed, step, shard, micro });
    },
  };
}

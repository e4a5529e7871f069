import { createHash } from 'node:crypto';
import { AppError, type ConfigOf } from '@regatta/contracts';
import { ParameterSpace } from '@regatta/engine';
import {
  type BertConfig,
  type BertHeadShape,
  bertHeadParameters,
  headSums,
  huggingFaceHeadConfig,
  scaledRates,
} from '@regatta/models';
import { epochPlan, lengthBuckets, type PlannedStep, rowsBatch } from '@regatta/text';
import { localStepsOf } from '../../local-steps.js';
import { partialsNeeded } from '../../shard-sums.js';
import {
  configOf,
  type EpochWork,
  type PreparedTask,
  type PrepareOptions,
  type StepWork,
  type Sums,
  type TaskHandler,
} from '../../task.js';
import { bertFiles } from '../bert-files.js';
import { type Base, baseWeights, readBase } from './base.js';
import { type FinetuningData, finetuningData } from './data.js';
import { HeadGraphs, headScratchBytes } from './graphs.js';
import { heldOutWork } from './held-out.js';

type Config = ConfigOf<'bert-finetune'>;

/** Steps that a bucket but the last must fill. */
const stepsOfABucket = 4;

/** A BERT with an output layer for a labelled dataset: from a base, or from scratch. */
export const bertFinetune: TaskHandler = { name: 'bert-finetune', prepare };

async function prepare({ spec, store, engine }: PrepareOptions): Promise<PreparedTask> {
  const config = configOf(spec, 'bert-finetune');
  const base = spec.base === null ? null : await readBase(store, spec.base);
  const data = await finetuningData(spec, store, base);
  const model = bertConfig(config, data, base);
  const head = data.head.shape(data.context.labels);
  const parameters = ratedParameters(config, model, head);
  const { globalBatchSize, microBatchSize: batch } = config.training;
  const { logicalShards, maxWorkers } = config.distributed;
  const buckets = bucketsOf(data, stepsOfABucket * globalBatchSize);
  const sums = headSums(head);
  const space = new ParameterSpace(parameters, {
    scratchBytes: Math.max(...buckets.map((length) => headScratchBytes(model, head, { batch, length }))),
    partials: partialsNeeded(logicalShards, maxWorkers),
    localSteps: localStepsOf(config),
    scalars: sums.length,
  });
  const graphs = new Map<number, HeadGraphs>();
  for (const length of buckets) {
    graphs.set(length, await HeadGraphs.compile(engine, space, model, head, { batch, length }));
  }
  const modelConfig = configFile(data, model, head);
  return {
    space,
    sums,
    microBatches: globalBatchSize / logicalShards / batch,
    initialize: () => initialize(config, space, data, base),
    epoch: (epoch) => epochWork(config, data, graphs, epoch),
    evaluation: heldOutWork({ data, graphs, batch, logicalShards, sums }),
    parameters: space.parameters.reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0),
    modelConfig,
    files: () => bertFiles(modelConfig, data.context.tokenizer, data.context.maxLength),
    async dispose() {
      for (const graph of graphs.values()) await graph.dispose();
    },
  };
}

/** The base's sizes or the run's, with the run's dropout. */
function bertConfig({ model, training }: Config, { context }: FinetuningData, base: Base | null): BertConfig {
  const { hiddenDropoutProb, attentionProbsDropoutProb, initializerRange } = model;
  if (base) return { ...base.config, hiddenDropoutProb, attentionProbsDropoutProb };
  const given = (size: number | undefined): number => {
    if (size === undefined) throw new AppError('internal', 'A model from scratch came without its sizes.');
    return size;
  };
  return {
    vocabSize: context.tokenizer.vocab.length,
    hiddenSize: given(model.hiddenSize),
    numHiddenLayers: given(model.numHiddenLayers),
    numAttentionHeads: given(model.numAttentionHeads),
    intermediateSize: given(model.intermediateSize),
    maxPositionEmbeddings: model.maxPositionEmbeddings ?? training.maxLength,
    typeVocabSize: 2,
    hiddenDropoutProb,
    attentionProbsDropoutProb,
    layerNormEps: 1e-12,
    initializerRange,
  };
}

/** @throws AppError `invalid` where `freeze` names a layer that the model does not have */
function ratedParameters(config: Config, model: BertConfig, head: BertHeadShape) {
  const { freeze } = config.model;
  for (const part of freeze) {
    const layer = /^encoder\.(\d+)$/.exec(part)?.[1];
    if (layer !== undefined && Number(layer) >= model.numHiddenLayers) {
      throw new AppError('invalid', `The model has ${model.numHiddenLayers} layers, so no ${part}.`, {
        next: `Freeze encoder.0 to encoder.${model.numHiddenLayers - 1}, or encoder for all.`,
      });
    }
  }
  const { layerDecay } = config.finetuning;
  return scaledRates(bertHeadParameters(model, head), model.numHiddenLayers, { freeze, layerDecay });
}

/** Lengths of the graphs: those that pad the training rows least, the last long enough for the held-out ones too. */
function bucketsOf({ rows, heldOut, context }: FinetuningData, fewest: number): number[] {
  const longest = heldOut.reduce(
    (most, { encoded }) => Math.max(most, ...encoded.rows.map(({ ids }) => ids.length)),
    0,
  );
  return lengthBuckets(Int32Array.from([...rows.lengths, longest]), context.maxLength, fewest);
}

/** New weights, over them the base's. A regression begins with the mean of what it is to say. */
function initialize(config: Config, space: ParameterSpace, { kind, context, rows }: FinetuningData, base: Base | null) {
  space.initialize(config.seed, config.model.initializerRange);
  const sameHead = base?.kind === kind && String(base.labels) === String(context.labels);
  if (base) {
    const weights = space.exportWeights();
    for (const [name, tensor] of baseWeights(base, space.parameters, sameHead)) weights.set(name, tensor);
    space.importWeights(weights);
  }
  if (kind === 'regression' && !sameHead) {
    const values = Array.from(rows.labels);
    space.view('w', 'classifier.bias')[0] = values.reduce((sum, value) => sum + value, 0) / values.length;
  }
}

function epochWork(
  config: Config,
  data: FinetuningData,
  graphs: ReadonlyMap<number, HeadGraphs>,
  epoch: number,
): EpochWork {
  const { seed, training, distributed } = config;
  const { globalBatchSize } = training;
  const { logicalShards } = distributed;
  const buckets = [...graphs.keys()];
  const { lengths } = data.rows;
  const plan = epochPlan({ seed, epoch, lengths, buckets, globalBatchSize, logicalShards });
  return {
    steps: plan.steps,
    hash: createHash('sha256').update(plan.hash).update(data.hash).digest('hex'),
    step: (index, step) => stepWork(config, data, plan.step(index), graphs, step),
  };
}

function stepWork(
  { seed, training }: Config,
  { rows, context, kind }: FinetuningData,
  planned: PlannedStep,
  graphs: ReadonlyMap<number, HeadGraphs>,
  step: number,
): StepWork {
  const { microBatchSize } = training;
  let tokens = 0;
  let counted = 0;
  planned.shards.forEach((shard, s) => {
    for (const row of shard.subarray(0, planned.real[s])) {
      tokens += rows.lengths[row];
      counted += rows.counts[row];
    }
  });
  const scale = counted === 0 ? 0 : 1 / counted;
  const graph = graphs.get(planned.bucket) as HeadGraphs;
  return {
    tokens,
    metrics: (sums) => trainMetrics(sums, scale, kind === 'question-answering' ? 2 : 1),
    run(shard, micro) {
      const firstRow = micro * microBatchSize;
      const batch = rowsBatch(rows, {
        rows: planned.shards[shard].subarray(firstRow, firstRow + microBatchSize),
        length: planned.bucket,
        padId: context.tokenizer.padId,
        firstRow,
        real: planned.real[shard],
      });
      return graph.train(batch, scale, { seed, step, shard, micro });
    },
  };
}

/** `answers`: what `correct` counts of each thing that the loss counts. */
const trainMetrics = ({ loss, correct }: Sums, scale: number, answers: number): Record<string, number> => ({
  loss: loss * scale,
  ...(correct !== undefined && { accuracy: (correct * scale) / answers }),
});

/** Hugging Face's config.json; how answers are looked for stands where transformers lets tasks keep their parameters. */
function configFile({ context }: FinetuningData, model: BertConfig, head: BertHeadShape): Record<string, unknown> {
  return {
    ...huggingFaceHeadConfig(model, head, context.labels),
    ...(head.kind === 'question-answering' && {
      task_specific_params: { 'question-answering': { ...context.answers } },
    }),
  };
}

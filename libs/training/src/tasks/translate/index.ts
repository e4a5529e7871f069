import { createHash } from 'node:crypto';
import { type ConfigOf, translationModelType } from '@regatta/contracts';
import { ParameterSpace } from '@regatta/engine';
import { epochPlan, type PlannedStep } from '@regatta/text';
import { localStepsOf } from '../../local-steps.js';
import { partialsNeeded } from '../../shard-sums.js';
import {
  configOf,
  type EpochWork,
  type PreparedTask,
  type PrepareOptions,
  type StepWork,
  type TaskHandler,
} from '../../task.js';
import { translationLosses } from '../../translator/evaluate.js';
import { type TranslationModelConfig, translationModel } from '../../translator/model.js';
import { pairBatch, pairLengths, tokenCounts } from '../../translator/pairs.js';
import { TranslationPrograms } from '../../translator/programs.js';
import { translationSums } from '../../translator/score.js';
import { decodingScratch, trainingScratch } from '../../translator/scratch.js';
import { decodingShapes } from '../../translator/search.js';
import { type Tokenizers, Translator, tokenizerFiles } from '../../translator/translator.js';
import { chooseBuckets } from './buckets.js';
import { type TranslationData, translationData } from './data.js';
import { translationEvaluation } from './evaluation.js';

type Config = ConfigOf<'translate'>;

/** Translation from pairs of sentences: Transformer, or recurrent encoder and decoder with or without attention. */
export const translate: TaskHandler = { name: 'translate', prepare };

async function prepare({ spec, store, engine }: PrepareOptions): Promise<PreparedTask> {
  const config = configOf(spec, 'translate');
  const data = await translationData(spec, store);
  const modelConfig = configOfModel(config, data.tokenizers);
  const model = translationModel(modelConfig);
  const lengths = pairLengths(data.train);
  const longest = data.heldOut === null ? 0 : Math.max(...pairLengths(data.heldOut.pairs));
  const buckets = chooseBuckets(lengths, longest, config.training.globalBatchSize, config.training.maxLength);
  const shapes = buckets.map((length) => shapeOf(config, length));
  const space = new ParameterSpace(model.parameters, {
    scratchBytes: Math.max(
      ...shapes.map((shape) => trainingScratch(model, modelConfig, shape)),
      ...decodingShapes(modelConfig.maxLength).map((shape) => decodingScratch(model, modelConfig, shape)),
    ),
    partials: partialsNeeded(config.distributed.logicalShards, config.distributed.maxWorkers),
    localSteps: localStepsOf(config),
    scalars: translationSums.length,
  });
  const programs = new TranslationPrograms(engine, space, model);
  const translator = new Translator(programs, modelConfig, data.tokenizers);
  for (const shape of shapes) await programs.training(shape);
  return {
    space,
    sums: translationSums,
    microBatches: config.training.globalBatchSize / config.distributed.logicalShards / config.training.microBatchSize,
    initialize: () => space.initialize(config.seed, config.model.initializerRange),
    epoch: (epoch) => epochWork(config, data, { lengths, buckets }, programs, epoch),
    evaluation: translationEvaluation(config, data, buckets, translator),
    parameters: translator.parameters,
    modelConfig,
    warnings: warnings(config, data),
    files: () => ({
      'config.json': Buffer.from(`${JSON.stringify(modelConfig, null, 2)}\n`),
      [tokenizerFiles.source]: Buffer.from(data.tokenizers.source.toJson()),
      [tokenizerFiles.target]: Buffer.from(data.tokenizers.target.toJson()),
    }),
    dispose: () => translator.dispose(),
  };
}

function configOfModel(
  { model, training, translation }: Config,
  { source, target }: Tokenizers,
): TranslationModelConfig {
  const { preset: _, initializerRange: __, ...sizes } = model;
  return {
    model_type: translationModelType,
    ...sizes,
    labelSmoothing: translation.labelSmoothing,
    maxLength: training.maxLength,
    sourceVocabSize: source.vocab.length,
    targetVocabSize: target.vocab.length,
  } as TranslationModelConfig;
}

const shapeOf = ({ training }: Config, length: number) => ({
  batch: training.microBatchSize,
  sourceLength: length,
  targetLength: length,
});

function warnings({ training }: Config, { leftOut }: TranslationData): string[] {
  const told = (count: number, what: string) =>
    count > 0 ? [`${count} ${what} pairs are longer than maxLength (${training.maxLength} tokens) and left out.`] : [];
  return [...told(leftOut.train, 'training'), ...told(leftOut.heldOut, 'held-out')];
}

function epochWork(
  config: Config,
  data: TranslationData,
  { lengths, buckets }: { lengths: Int32Array; buckets: readonly number[] },
  programs: TranslationPrograms,
  epoch: number,
): EpochWork {
  const { seed, training, distributed } = config;
  const { globalBatchSize } = training;
  const { logicalShards } = distributed;
  const plan = epochPlan({ seed, epoch, lengths, buckets, globalBatchSize, logicalShards });
  const { source, target } = data.tokenizers;
  return {
    steps: plan.steps,
    hash: createHash('sha256').update(plan.hash).update(source.toJson()).update(target.toJson()).digest('hex'),
    step: (index, step) => stepWork(config, data, plan.step(index), programs, step),
  };
}

function stepWork(
  config: Config,
  { train: pairs, tokenizers }: TranslationData,
  planned: PlannedStep,
  programs: TranslationPrograms,
  step: number,
): StepWork {
  const { seed, training, translation } = config;
  const { microBatchSize } = training;
  const shape = shapeOf(config, planned.bucket);
  const real = planned.shards.flatMap((ids, shard) => Array.from(ids.subarray(0, planned.real[shard])));
  const counts = tokenCounts(pairs, real);
  return {
    tokens: counts.source + counts.target,
    metrics: (sums) => translationLosses(sums, counts.target, translation.labelSmoothing),
    async run(shard, micro) {
      const first = micro * microBatchSize;
      const batch = pairBatch({
        pairs,
        rows: planned.shards[shard].subarray(first, first + microBatchSize),
        real: Math.min(microBatchSize, Math.max(0, planned.real[shard] - first)),
        shape,
        special: tokenizers.target,
      });
      const { program, place } = await programs.training(shape);
      place(batch, program.inputs, 1 / counts.target);
      return program.run({ seed, step, shard, micro });
    },
  };
}

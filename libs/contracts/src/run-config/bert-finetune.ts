import { z } from 'zod';
import { bertModelFields, bertPreset, bertRules, bertSizes, wordpiece } from './bert.js';
import {
  type CompleteTraining,
  completeTraining,
  dataset,
  distributed,
  identity,
  optimizerSection,
  positive,
  type Rule,
  sharedRules,
  trainingSection,
} from './common.js';

export const bertHeads = ['sequence-classification', 'token-classification', 'question-answering'] as const;
export type BertHead = (typeof bertHeads)[number];

const model = z.strictObject({
  base: z
    .string()
    .min(1)
    .max(300)
    .optional()
    .meta({ description: 'Id or name of the model to start from, trained here or imported (default: from scratch)' }),
  head: z
    .enum(bertHeads)
    .optional()
    .meta({ description: "What is predicted (default: what the dataset's kind asks for)" }),
  freeze: z
    .array(
      z.string().regex(/^(embeddings|encoder|encoder\.\d{1,2}|pooler)$/, 'embeddings, encoder, encoder.N or pooler'),
    )
    .max(60)
    .default([])
    .meta({ description: 'Parts that stay as they are: embeddings, encoder (all layers), encoder.0, …, pooler' }),
  preset: bertPreset.optional().meta({ description: 'Sizes of a model from scratch (default bert-tiny)' }),
  ...bertModelFields,
});

const finetuning = z.strictObject({
  layerDecay: z
    .number()
    .min(0.1)
    .max(1)
    .default(1)
    .meta({ description: 'Factor on the learning rate for each layer further from the head (1: none)' }),
  documentStride: positive(1024)
    .default(64)
    .meta({ description: 'Question answering: tokens that neighbouring windows of a long context share' }),
  maxAnswerLength: positive(512).default(30).meta({ description: 'Question answering: tokens of an answer at most' }),
});

/** A pretrained BERT, or one from scratch, with an output layer for a labelled dataset. */
export const bertFinetuneBody = z.strictObject({
  ...identity,
  task: z.literal('bert-finetune'),
  dataset: dataset.meta({ description: 'A labelled dataset; built in: brown-pos, brown-genre' }),
  model: model.prefault({}),
  tokenizer: wordpiece.prefault({}).meta({ description: "Of a model from scratch; else it is the base's" }),
  finetuning: finetuning.prefault({}),
  training: trainingSection({
    maxLength: 128,
    globalBatchSize: 32,
    longest: 2048,
    lengthOf: 'Tokens a sequence, special tokens included; what is longer is cut (question answering: windowed)',
    heldOut: 'Share of the examples held out where the dataset brings no split of its own',
    watched: ['validation.loss', 'validation.accuracy', 'validation.f1', 'validation.exactMatch'],
  }).prefault({}),
  optimizer: optimizerSection({ learningRate: 3e-4, warmupSteps: 50 }).prefault({}),
  distributed: distributed.prefault({}),
});
type Body = z.output<typeof bertFinetuneBody>;
type Model = Body['model'];

export interface BertFinetuneConfig extends Omit<Body, 'name' | 'model' | 'training'> {
  name: string;
  model: Omit<Model, 'preset'> & {
    /** Set from the dataset's kind when the run is created. */
    head?: BertHead;
    preset?: Model['preset'];
  };
  training: CompleteTraining;
}

const sizeFields = [
  'preset',
  'hiddenSize',
  'numHiddenLayers',
  'numAttentionHeads',
  'intermediateSize',
  'maxPositionEmbeddings',
] as const;

/** From scratch the sizes are filled in; a base brings its own. */
export function completeBertFinetune(body: Body, name: string): BertFinetuneConfig {
  const { model, training } = body;
  const preset = model.preset ?? 'bert-tiny';
  const sizes = model.base === undefined ? { preset, ...bertSizes(preset, model, training.maxLength) } : {};
  return { ...body, name, model: { ...model, ...sizes }, training: completeTraining(body) };
}

export function bertFinetuneRules(body: Body): Rule[] {
  const { model, training } = body;
  const rules = sharedRules(body);
  if (model.base === undefined) {
    return [
      ...rules,
      ...bertRules(bertSizes(model.preset ?? 'bert-tiny', model, training.maxLength), training.maxLength),
    ];
  }
  return [
    ...rules,
    ...sizeFields.map((field): Rule => [model[field] === undefined, `model.${field}`, 'is given by the base']),
  ];
}

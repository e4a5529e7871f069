import { z } from 'zod';
import { bertModelFields, bertPreset, bertRules, bertSizes, wordpiece } from './bert.js';
import {
  type CompleteTraining,
  completeTraining,
  dataset,
  distributed,
  identity,
  optimizerSection,
  type Rule,
  sharedRules,
  trainingSection,
} from './common.js';

const pretraining = z.strictObject({
  maskProbability: z
    .number()
    .min(0.01)
    .max(0.5)
    .default(0.15)
    .meta({ description: 'Share of tokens to predict (80/10/10 mask/random/keep)' }),
  wholeWord: z.boolean().default(false).meta({ description: 'Mask all pieces of a word together' }),
  nextSentence: z
    .boolean()
    .default(true)
    .meta({ description: 'Train on pairs of segments with the next-sentence task' }),
});

/** Masked language model and next sentence (Devlin et al., 2019) on documents of plain text. */
export const bertPretrainBody = z.strictObject({
  ...identity,
  task: z.literal('bert-pretrain'),
  dataset: dataset.meta({ description: 'id, name (newest version) or name@version of a text; built in: brown' }),
  model: z.strictObject({ preset: bertPreset.default('bert-tiny'), ...bertModelFields }).prefault({}),
  tokenizer: wordpiece.prefault({}),
  pretraining: pretraining.prefault({}),
  training: trainingSection({
    maxLength: 128,
    globalBatchSize: 64,
    longest: 2048,
    lengthOf: 'Tokens a sequence, special tokens included',
    heldOut: 'Share of the documents held out',
    watched: ['validation.loss', 'validation.mlm.loss'],
  }).prefault({}),
  optimizer: optimizerSection({ learningRate: 5e-4, warmupSteps: 100 }).prefault({}),
  distributed: distributed.prefault({}),
});
type Body = z.output<typeof bertPretrainBody>;

export interface BertPretrainConfig extends Omit<Body, 'name' | 'model' | 'training'> {
  name: string;
  model: Required<Body['model']>;
  training: CompleteTraining;
}

export const completeBertPretrain = (body: Body, name: string): BertPretrainConfig => ({
  ...body,
  name,
  model: { ...body.model, ...bertSizes(body.model.preset, body.model, body.training.maxLength) },
  training: completeTraining(body),
});

export const bertPretrainRules = (body: Body, config: BertPretrainConfig): Rule[] => [
  ...sharedRules(body),
  ...bertRules(config.model, config.training.maxLength),
];

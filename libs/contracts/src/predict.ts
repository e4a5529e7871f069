import { z } from 'zod';
import { type DatasetKind, datasetKind } from './datasets.js';
import { sampleKind } from './evaluation.js';

/** What a model can be asked, by what it was trained for. */
export const modelKinds = [
  'pretraining',
  'sequence-classification',
  'regression',
  'token-classification',
  'question-answering',
  'translation',
] as const;
export const modelKind = z.enum(modelKinds);
export type ModelKind = z.infer<typeof modelKind>;

const text = z.string().min(1).max(100_000);
const texts = z.array(text).min(1).max(64);
const integers = z
  .array(z.array(z.number().int().min(0)).min(1).max(2048))
  .min(1)
  .max(64);
const returnAttention = z
  .boolean()
  .default(false)
  .meta({ description: 'Adds the attention weights; for one input at a time' });

export const fillMaskInput = z.strictObject({
  inputs: texts.meta({ description: 'Texts with one or more [MASK]', example: ['the united [MASK]'] }),
  topK: z.number().int().min(1).max(100).default(5),
  returnAttention,
});
export const nextSentenceInput = z.strictObject({
  pairs: z
    .array(z.strictObject({ text, textPair: text }))
    .min(1)
    .max(64),
  returnAttention,
});
/** Every BERT takes token ids as they are. */
export const rawInput = z.strictObject({
  inputIds: integers,
  tokenTypeIds: integers.optional(),
  attentionMask: integers.optional(),
  returnHiddenStates: z.boolean().default(false),
});
const textOrPair = z.union([text, z.strictObject({ text, textPair: text.optional() })]);
export const classifyInput = z.strictObject({
  inputs: z.array(textOrPair).min(1).max(64),
  topK: z.number().int().min(1).max(1000).optional().meta({ description: 'Default: all labels' }),
  returnAttention,
});
export const regressInput = z.strictObject({ inputs: z.array(textOrPair).min(1).max(64), returnAttention });
export const tagInput = z.strictObject({ inputs: texts, returnAttention });
export const answerInput = z.strictObject({
  question: text,
  context: text,
  topK: z.number().int().min(1).max(20).default(1),
  returnAttention,
});
export const translateInput = z.strictObject({
  inputs: texts,
  beamSize: z.number().int().min(1).max(16).default(4),
  lengthPenalty: z.number().min(0).max(2).default(0.6),
  returnAttention,
});

/** Bodies of POST /models/:id/predict by the model's kind. */
export const predictBodies = {
  pretraining: z.union([fillMaskInput, nextSentenceInput, rawInput]),
  'sequence-classification': z.union([classifyInput, rawInput]),
  regression: z.union([regressInput, rawInput]),
  'token-classification': z.union([tagInput, rawInput]),
  'question-answering': z.union([answerInput, rawInput]),
  translation: translateInput,
} satisfies Record<ModelKind, z.ZodType>;
export type PredictBodyOf<K extends ModelKind> = z.output<(typeof predictBodies)[K]>;
export type PredictBody = PredictBodyOf<ModelKind>;
/** For the OpenAPI document; what a model takes is checked by its kind. */
export const predictBody = z.union([
  fillMaskInput,
  nextSentenceInput,
  rawInput,
  classifyInput,
  tagInput,
  answerInput,
  translateInput,
]);

const numbers = z.array(z.number());
/** [layer][head][query][key] */
const weights = z.array(z.array(z.array(numbers)));
export const attention = z.object({
  self: weights.nullable().meta({ description: '[layer][head][query][key]; of the encoder; null for a GRU' }),
  cross: weights.nullable().meta({ description: '[layer][head][target][source]; translation only' }),
  tokens: z.array(z.string()).meta({ description: 'Of the input (translation: of the source)' }),
  targetTokens: z.array(z.string()).nullable(),
});
export type AttentionMaps = z.infer<typeof attention>;
const withAttention = { attention: attention.optional() };

const score = { score: z.number() };
export const fillMaskResult = z.object({
  results: z.array(z.array(z.array(z.object({ token: z.string(), ...score })))),
  ...withAttention,
});
export const nextSentenceResult = z.object({ results: z.array(z.object({ isNext: z.number() })), ...withAttention });
export const classifyResult = z.object({
  results: z.array(z.array(z.object({ label: z.string(), ...score }))),
  ...withAttention,
});
export const regressResult = z.object({ results: z.array(z.object({ value: z.number() })), ...withAttention });
/** Spans in UTF-16 units of the input text. */
export const tagResult = z.object({
  results: z.array(
    z.array(
      z.object({ label: z.string(), start: z.number().int(), end: z.number().int(), text: z.string(), ...score }),
    ),
  ),
  ...withAttention,
});
const answer = z.object({
  answer: z.string().nullable(),
  start: z.number().int().nullable(),
  end: z.number().int().nullable(),
  ...score,
});
export const answerResult = answer.extend({
  alternatives: z.array(answer).optional().meta({ description: 'Where topK > 1: the best answers, this one first' }),
  ...withAttention,
});
export const translateResult = z.object({
  results: z.array(z.object({ text: z.string(), ...score, tokens: z.array(z.string()) })),
  ...withAttention,
});
export const rawResult = z.object({
  predictionLogits: z.array(z.array(numbers)).optional(),
  seqRelationshipLogits: z.array(numbers).optional(),
  logits: z.union([z.array(numbers), z.array(z.array(numbers))]).optional(),
  startLogits: z.array(numbers).optional(),
  endLogits: z.array(numbers).optional(),
  hiddenStates: z.array(z.array(z.array(numbers))).optional(),
});
export const predictResult = z.union([
  fillMaskResult,
  nextSentenceResult,
  classifyResult,
  regressResult,
  tagResult,
  answerResult,
  translateResult,
  rawResult,
]);
export type PredictResult = z.infer<typeof predictResult>;

/** POST /models/:id/embed: contextual vectors of the last layer. */
export const embedBody = z.strictObject({ inputs: texts });
export const embedResult = z.object({
  results: z.array(
    z.object({
      tokens: z.array(z.object({ text: z.string(), start: z.number().int(), end: z.number().int(), vector: numbers })),
      pooled: numbers.meta({ description: "BERT: the mean of the tokens' vectors, special tokens included" }),
    }),
  ),
});
export type EmbedResult = z.infer<typeof embedResult>;

/** Kinds of data that a model is measured on. */
export const measuredOn: Record<ModelKind, readonly DatasetKind[]> = {
  pretraining: ['text'],
  'sequence-classification': ['classification', 'pair-classification'],
  regression: ['regression'],
  'token-classification': ['tagging'],
  'question-answering': ['question-answering'],
  translation: ['translation'],
};

/** POST /models/:id/evaluate */
export const evaluateBody = z.strictObject({
  dataset: z.string().min(1).max(300).meta({ description: 'id, name or name@version' }),
  split: z
    .enum(['all', 'train', 'validation', 'test'])
    .default('all')
    .meta({ description: 'Which of its examples, where the dataset brings a split' }),
});
export const evaluateResult = z.object({
  metrics: z.record(z.string(), z.number()),
  examples: z.number().int(),
  samples: z.array(z.object({ kind: sampleKind, data: z.unknown() })),
});
export type EvaluateResult = z.infer<typeof evaluateResult>;

/** Which model, as the artifact store has it: checkpoint `step` of `owner`. */
const target = { modelId: z.string(), owner: z.string(), step: z.number().int() };

/** Queue `inference`. */
export const inferenceJob = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('predict'), ...target, body: z.unknown() }),
  z.strictObject({ action: z.literal('embed'), ...target, body: embedBody }),
  z.strictObject({
    action: z.literal('evaluate'),
    ...target,
    dataset: z.strictObject({ sha256: z.string(), kind: datasetKind }),
    split: evaluateBody.shape.split,
  }),
  z.strictObject({ action: z.literal('onnx'), ...target }),
]);
export type InferenceJob = z.output<typeof inferenceJob>;
/** Result of the action `onnx`: files in the artifact store, by their SHA-256 (a translation model has one of each of its two stages). */
export const onnxResult = z.object({ files: z.array(z.object({ name: z.string(), blob: z.string() })) });
export type OnnxResult = z.infer<typeof onnxResult>;
export type InferenceResult = PredictResult | EmbedResult | EvaluateResult | OnnxResult;

import { z } from 'zod';

const text = z.string().min(1).max(100_000);
const integers = z
  .array(z.array(z.number().int().min(0)).min(1).max(2048))
  .min(1)
  .max(64);

export const fillMaskInput = z.strictObject({
  inputs: z
    .array(text)
    .min(1)
    .max(64)
    .meta({ description: 'Texts with one or more [MASK]', example: ['the united [MASK]'] }),
  topK: z.number().int().min(1).max(100).default(5),
});
export const nextSentenceInput = z.strictObject({
  pairs: z
    .array(z.strictObject({ text, textPair: text }))
    .min(1)
    .max(64),
});
export const rawInput = z.strictObject({
  inputIds: integers,
  tokenTypeIds: integers.optional(),
  attentionMask: integers.optional(),
  returnHiddenStates: z.boolean().default(false),
});
/** POST /models/:id/predict: what is asked is told by the fields that are there. */
export const predictBody = z.union([fillMaskInput, nextSentenceInput, rawInput]);
export type PredictBody = z.output<typeof predictBody>;

export const fillMaskResult = z.object({
  results: z.array(z.array(z.array(z.object({ token: z.string(), score: z.number() })))),
});
export const nextSentenceResult = z.object({ results: z.array(z.object({ isNext: z.number() })) });
export const rawResult = z.object({
  predictionLogits: z.array(z.array(z.array(z.number()))),
  seqRelationshipLogits: z.array(z.array(z.number())),
  hiddenStates: z.array(z.array(z.array(z.array(z.number())))).optional(),
});
export const predictResult = z.union([rawResult, fillMaskResult, nextSentenceResult]);
export type PredictResult = z.infer<typeof predictResult>;

/** Queue `inference`: a prediction by the model whose weights are checkpoint `step` of run `runId` in the artifact store. */
export const predictJob = z.strictObject({
  modelId: z.string(),
  runId: z.string(),
  step: z.number().int(),
  body: predictBody,
});
export type PredictJob = z.infer<typeof predictJob>;

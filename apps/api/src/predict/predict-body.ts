import { AppError, type ModelKind, type PredictBody, predictBodies } from '@regatta/contracts';
import type { Request } from 'express';
import { parseBody } from '../http/input.js';

const raw = '{inputIds, tokenTypeIds?, attentionMask?, returnHiddenStates?}';
const takes: Record<ModelKind, string> = {
  pretraining: `{inputs: ["… [MASK] …"], topK?, returnAttention?}, {pairs: [{text, textPair}], returnAttention?} or ${raw}`,
  'sequence-classification': `{inputs: ["…" or {text, textPair?}], topK?, returnAttention?} or ${raw}`,
  regression: `{inputs: ["…" or {text, textPair?}], returnAttention?} or ${raw}`,
  'token-classification': `{inputs: ["…"], returnAttention?} or ${raw}`,
  'question-answering': `{question, context, topK?, returnAttention?} or ${raw}`,
  translation: '{inputs: ["…"], beamSize?, lengthPenalty?, returnAttention?}',
};

/**
 * What a model of a kind is asked.
 * @throws AppError invalid saying which fields are wrong and what a model of this kind takes; malformed, unsupported-media-type
 */
export function predictBodyOf(kind: ModelKind | null, request: Request): PredictBody {
  if (kind === null)
    throw new AppError('invalid', 'This model is an encoder without a head: it predicts nothing', {
      next: 'Ask for its vectors with /embed, or fine-tune it',
    });
  try {
    return parseBody(predictBodies[kind], request);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'invalid') throw error;
    throw new AppError('invalid', error.message, {
      errors: error.errors,
      next: `A model of the kind ${kind} takes ${takes[kind]}`,
    });
  }
}

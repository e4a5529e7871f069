import { AppError } from './errors.js';
import type { ModelKind } from './predict.js';

/** What the parts of a model's `config.json` say that its kind hangs on. */
interface KindFields {
  model_type?: unknown;
  architectures?: unknown;
  problem_type?: unknown;
}

/** `model_type` of our own translation models; BERTs have Hugging Face's `bert`. */
export const translationModelType = 'regatta-translation';

/** Head of each kind by Hugging Face's class name; a bare `BertModel` has none: it embeds and is a base, but predicts nothing. */
const kindOfArchitecture: Record<string, ModelKind> = {
  BertForPreTraining: 'pretraining',
  // its only loss is one of the two: the other head may be missing among its weights
  BertForMaskedLM: 'pretraining',
  BertForSequenceClassification: 'sequence-classification',
  BertForTokenClassification: 'token-classification',
  BertForQuestionAnswering: 'question-answering',
};

/**
 * What a model can be asked, by its `config.json`.
 *
 * @returns null for an encoder without a head (`BertModel`)
 * @throws AppError `invalid` for a model that is none of ours
 */
export function modelKindOf(config: unknown): ModelKind | null {
  const { model_type: type, architectures, problem_type: problem } = (config ?? {}) as KindFields;
  if (type === translationModelType) return 'translation';
  const name: unknown = Array.isArray(architectures) ? architectures[0] : undefined;
  if (type === 'bert' && (name === 'BertModel' || name === undefined)) return null;
  const kind = typeof name === 'string' ? kindOfArchitecture[name] : undefined;
  if (!kind) {
    throw new AppError('invalid', `config.json describes no model that can be used here: ${String(name ?? type)}.`, {
      next: `Give a BERT (${['BertModel', ...Object.keys(kindOfArchitecture)].join(', ')}).`,
    });
  }
  return kind === 'sequence-classification' && problem === 'regression' ? 'regression' : kind;
}

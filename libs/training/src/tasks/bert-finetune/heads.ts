import { AppError, type BertHead, type DatasetKind, type ModelKind } from '@regatta/contracts';
import type { Example } from '@regatta/text';
import { answerHead } from './answer-head.js';
import type { Head } from './head.js';
import { classificationHead, regressionHead } from './sequence-head.js';
import { taggingHead } from './token-head.js';

/** Kinds of datasets that a head learns. */
export type LabelledKind = Exclude<DatasetKind, 'text' | 'translation'>;

export interface HeadOfKind {
  /** What the trained model is. */
  kind: ModelKind;
  /** As a run's configuration names it. */
  name: BertHead;
  head: Head<Example, unknown>;
}

// an example's kind is the dataset's, and what one head writes only the same head reads
const erased = <E, P>(head: Head<E, P>): Head<Example, unknown> => head as unknown as Head<Example, unknown>;
const ofSequences = { kind: 'sequence-classification', name: 'sequence-classification' } as const;
const heads: Record<LabelledKind, HeadOfKind> = {
  classification: { ...ofSequences, head: erased(classificationHead) },
  'pair-classification': { ...ofSequences, head: erased(classificationHead) },
  regression: { kind: 'regression', name: 'sequence-classification', head: erased(regressionHead) },
  tagging: { kind: 'token-classification', name: 'token-classification', head: erased(taggingHead) },
  'question-answering': { kind: 'question-answering', name: 'question-answering', head: erased(answerHead) },
};

/** The head that a dataset's kind asks for. @throws AppError `invalid` for a kind without labels */
export function headFor(kind: DatasetKind): HeadOfKind & { datasetKind: LabelledKind } {
  if (kind === 'text' || kind === 'translation') {
    throw new AppError('invalid', `A dataset of kind ${kind} has no labels that BERT could learn.`, {
      next: `Use a dataset of kind ${Object.keys(heads).join(', ')}.`,
    });
  }
  return { ...heads[kind], datasetKind: kind };
}

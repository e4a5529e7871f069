import { AppError, type ModelKind, modelKindOf } from '@regatta/contracts';
import {
  type BertConfig,
  type BertHeadShape,
  bertConfigFile,
  bertHeadParameters,
  bertParameters,
  bertPretrainingParameters,
  sizesOf,
} from '@regatta/models';
import { z } from 'zod';

/** The parts of a BERT's config.json that predictions hang on. */
const configFile = bertConfigFile.extend({
  problem_type: z.string().nullish(),
  task_specific_params: z.record(z.string(), z.unknown()).nullish(),
  id2label: z.record(z.string(), z.string()).optional(),
});

/** Under config.json's `task_specific_params`; the defaults are those of a run. */
const answersFile = z.object({
  documentStride: z.number().default(64),
  maxAnswerLength: z.number().default(30),
  unanswerable: z.boolean().default(false),
});

/** What a config.json says of a BERT. */
export interface BertDescription {
  /** null: no head. */
  kind: ModelKind | null;
  config: BertConfig;
  /** By their number; empty where the head has none. */
  labels: string[];
  /** Each label is a question of its own, answered by its own probability. */
  multiLabel: boolean;
  head: BertHeadShape | null;
  /** How a question's answers are looked for. */
  answers: { documentStride: number; maxAnswerLength: number; unanswerable: boolean };
}

/** @throws AppError `invalid-file` */
export function describeBert(json: unknown): BertDescription {
  const parsed = configFile.safeParse(json);
  if (!parsed.success) {
    throw new AppError('invalid-file', `The model's config.json: ${z.prettifyError(parsed.error)}`, {
      next: 'Import or train the model again.',
    });
  }
  const { problem_type: problem, task_specific_params: tasks, id2label = {}, ...file } = parsed.data;
  const kind = modelKindOf(json);
  // transformers' default is two labels, LABEL_0 and LABEL_1
  const named = Object.keys(id2label).length > 0 ? id2label : { 0: 'LABEL_0', 1: 'LABEL_1' };
  const labels =
    kind === 'sequence-classification' || kind === 'token-classification'
      ? Array.from(
          { length: Object.keys(named).length },
          (_, i) => (named as Record<string, string>)[i] ?? `LABEL_${i}`,
        )
      : [];
  return {
    kind,
    labels,
    multiLabel: problem === 'multi_label_classification',
    head: headOf(kind, labels.length),
    answers: answersFile.parse(tasks?.['question-answering'] ?? {}),
    config: sizesOf(file),
  };
}

function headOf(kind: ModelKind | null, labels: number): BertHeadShape | null {
  switch (kind) {
    case 'sequence-classification':
    case 'token-classification':
      return { kind, labels };
    case 'regression':
    case 'question-answering':
      return { kind };
    default:
      return null;
  }
}

/** Everything that the model may hold. */
export function parametersOf({ kind, config, head }: BertDescription) {
  if (head) return bertHeadParameters(config, head);
  return kind === 'pretraining' ? bertPretrainingParameters(config) : bertParameters(config);
}

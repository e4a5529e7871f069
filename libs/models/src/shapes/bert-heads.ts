import { type BertConfig, bertParameters, denseOutIn, huggingFaceConfig, type ParameterShape } from './bert.js';

/** What a fine-tuned BERT predicts. A regression is Hugging Face's sequence classification with one number. */
export type BertHeadShape =
  | { kind: 'sequence-classification'; labels: number }
  | { kind: 'regression' }
  | { kind: 'token-classification'; labels: number }
  | { kind: 'question-answering' };

/** Rows of the output layer: L labels, one number, or start and end of an answer. */
export function outputsOf(head: BertHeadShape): number {
  if (head.kind === 'regression') return 1;
  return head.kind === 'question-answering' ? 2 : head.labels;
}

/** Name of the output layer's parameters, without `.weight` and `.bias`. */
export const outputLayerOf = ({ kind }: BertHeadShape): string =>
  kind === 'question-answering' ? 'qa_outputs' : 'classifier';

/** Whether the head reads [CLS] through the pooler; the others read every token and have none. */
export const isPooled = ({ kind }: BertHeadShape): boolean =>
  kind === 'sequence-classification' || kind === 'regression';

/**
 * BertForSequenceClassification, BertForTokenClassification or BertForQuestionAnswering: BertModel (with its pooler where the head reads it)
 * and an output layer, `classifier` [L, D] or `qa_outputs` [2, D].
 */
export function bertHeadParameters(config: BertConfig, head: BertHeadShape): ParameterShape[] {
  const model = bertParameters(config).filter(({ name }) => isPooled(head) || !name.startsWith('bert.pooler.'));
  return [...model, ...denseOutIn(outputLayerOf(head), config.hiddenSize, outputsOf(head))];
}

const architectures: Record<BertHeadShape['kind'], string> = {
  'sequence-classification': 'BertForSequenceClassification',
  regression: 'BertForSequenceClassification',
  'token-classification': 'BertForTokenClassification',
  'question-answering': 'BertForQuestionAnswering',
};

/** The config.json that transformers reads; `labels` by their numbers (none for a regression and for answers). */
export function huggingFaceHeadConfig(
  config: BertConfig,
  head: BertHeadShape,
  labels: readonly string[],
): Record<string, unknown> {
  const named = head.kind === 'regression' ? ['LABEL_0'] : labels;
  return {
    ...huggingFaceConfig(config),
    architectures: [architectures[head.kind]],
    ...(head.kind !== 'question-answering' && {
      id2label: Object.fromEntries(named.entries()),
      label2id: Object.fromEntries(Array.from(named.entries(), ([id, label]) => [label, id])),
    }),
    ...(head.kind === 'regression' && { problem_type: 'regression' }),
    ...(head.kind === 'sequence-classification' && { problem_type: 'single_label_classification' }),
  };
}

/** A parameter's part of the model, as a run's `freeze` names them; undefined for the head's own. */
export function partOf(parameter: string): string | undefined {
  const layer = /^bert\.encoder\.layer\.(\d+)\./.exec(parameter);
  if (layer) return `encoder.${layer[1]}`;
  return /^bert\.(embeddings|pooler)\./.exec(parameter)?.[1];
}

/**
 * The parameters with their rateScale: 0 for the parts in `freeze` ('encoder' stands for all layers), else decay to the power of the
 * distance from the head (layer-wise decay as in ELECTRA: head and pooler 0, the last layer 1, …, the embeddings L + 1).
 */
export function scaledRates(
  parameters: readonly ParameterShape[],
  layers: number,
  { freeze = [], layerDecay = 1 }: { freeze?: readonly string[]; layerDecay?: number },
): (ParameterShape & { rateScale?: number })[] {
  const frozen = new Set(freeze);
  return parameters.map((parameter) => {
    const part = partOf(parameter.name);
    if (part === undefined) return parameter;
    const layer = part.startsWith('encoder.') ? Number(part.slice('encoder.'.length)) : undefined;
    if (frozen.has(part) || (layer !== undefined && frozen.has('encoder'))) return { ...parameter, rateScale: 0 };
    if (layerDecay === 1 || part === 'pooler') return parameter;
    return { ...parameter, rateScale: layerDecay ** (layer === undefined ? layers + 1 : layers - layer) };
  });
}

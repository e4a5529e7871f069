import type { SampleKind } from '@regatta/contracts';
import type { BertHeadShape } from '@regatta/models';
import type { LabelLayout, Row, WordPieceTokenizer } from '@regatta/text';

/** How answers are looked for; kept in config.json under `task_specific_params['question-answering']`. */
export interface AnswerSettings {
  /** Tokens that neighbouring windows of a long context share. */
  documentStride: number;
  /** Tokens of an answer at most. */
  maxAnswerLength: number;
  /** Whether "the context does not say" may be the answer. */
  unanswerable: boolean;
}

/** What encoding and judging need to know of a model. */
export interface HeadContext {
  tokenizer: WordPieceTokenizer;
  /** Tokens of a row at most, special tokens included. */
  maxLength: number;
  /** By their numbers; empty where the head has none. */
  labels: readonly string[];
  answers: AnswerSettings;
}

/**
 * What a model says of one row of n tokens: `[logits]` of the labels ([L]; [1] for a regression) or of every token ([n · L]), or the logits
 * `[start, end]` of every token ([n] each).
 */
export type RowLogits = readonly Float32Array[];

/** One example's prediction beside the truth. */
export interface Judged<P> {
  /** JSON. */
  prediction: P;
  /** Sum over what is counted: nats, or squared error. */
  loss: number;
  correct: number;
  /** What the loss is a sum over; labels that the model does not know are not counted. */
  counted: number;
}

/** An example as rows of the model's input, and how their logits are read. */
export interface EncodedExample<P> {
  rows: Row[];
  judge(logits: readonly RowLogits[]): Judged<P>;
}

export interface HeadReport {
  metrics: Record<string, number>;
  samples: Partial<Record<SampleKind, unknown>>;
}

/** One head: how its examples become rows, and what its predictions are worth. */
export interface Head<E, P> {
  layout: LabelLayout;
  /** Names of the metrics that it reports beside `loss`. */
  metrics: readonly string[];
  /** Of a context's labels. */
  shape(labels: readonly string[]): BertHeadShape;
  /** Labels of a dataset, sorted; empty where there are none. */
  labelsOf(examples: readonly E[]): string[];
  /** What a tokenizer is trained on. */
  textsOf(example: E): string[];
  encode(example: E, context: HeadContext): EncodedExample<P>;
  /** What is reached without a network, by the same names. */
  baseline(train: readonly E[], heldOut: readonly E[]): Record<string, number>;
  /** Metrics without the loss, and tables. */
  report(examples: readonly E[], predictions: readonly P[], context: HeadContext): HeadReport;
}

/** Predictions that are shown. */
export const shownPredictions = 20;
/** Labels that a confusion matrix may have: more cannot be looked at. */
export const shownLabels = 100;

/** Distinct values in the order of their numbers where all are whole numbers, else by UTF-16 units: alike on every machine. */
export function sortedLabels(values: Iterable<string>): string[] {
  const labels = [...new Set(values)];
  const whole = labels.every((label) => /^-?\d{1,15}$/.test(label));
  return whole ? labels.sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1)) : labels.sort();
}

/** −log softmax(logits)[label] in nats, and the label of the greatest logit (the first of equals). */
export function classified(logits: Float32Array, label: number): { nats: number; best: number } {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - logits[best]);
  return { nats: label < 0 ? 0 : Math.log(sum) + logits[best] - logits[label], best };
}

import type { Run } from '@regatta/contracts';
import { count, decimal, fixed, percent } from './format.js';

/** How a metric is told to people. Names stand behind `train.` or `validation.`. */
export interface MetricView {
  label: string;
  unit: string;
  say: (value: number | null | undefined) => string;
  /** For someone who does not know it. */
  help: string;
}

const nats = { unit: 'nats', say: (value: number | null | undefined) => fixed(value, 3) };
const share = { unit: '', say: (value: number | null | undefined) => percent(value) };
const plain = { unit: '', say: (value: number | null | undefined) => fixed(value, 3) };
const points = { unit: '', say: (value: number | null | undefined) => fixed(value, 1) };

/** What tasks measure, the most telling first. */
const known: Record<string, MetricView> = {
  'mlm.loss': { ...nats, label: 'Masked words', help: 'Loss on masked words; lower is better' },
  loss: { ...nats, label: 'Loss', help: 'What is trained; lower is better' },
  bleu: {
    ...points,
    label: 'BLEU',
    help: 'Likeness of the translations to the references, 0 to 100 (sacreBLEU); higher is better',
  },
  exactMatch: { ...share, label: 'Exactly right', help: 'Share of answers that equal the expected one' },
  f1: { ...share, label: 'F1', help: 'Harmonic mean of precision and recall' },
  'mlm.accuracy': { ...share, label: 'Masked words, accuracy', help: 'Share of masked words guessed exactly right' },
  accuracy: { ...share, label: 'Accuracy', help: 'Share of predictions that are right' },
  macroF1: { ...share, label: 'Macro F1', help: 'F1 of each label, averaged over the labels' },
  matthews: {
    ...plain,
    label: 'Matthews',
    help: 'Matthews correlation of prediction and label: 0 is guessing, 1 perfect',
  },
  pearson: { ...plain, label: 'Pearson', help: 'Linear correlation of prediction and value: 1 is perfect' },
  spearman: { ...plain, label: 'Spearman', help: 'Correlation of the ranks of prediction and value: 1 is perfect' },
  mse: { ...plain, label: 'Squared error', help: 'Mean squared error; lower is better' },
  chrf: { ...points, label: 'chrF', help: 'Likeness by characters, 0 to 100; higher is better' },
  bleu2: { ...plain, label: 'BLEU (k = 2)', help: 'The BLEU of Dive into Deep Learning, up to pairs of words' },
  perplexity: { unit: '', say: (value) => decimal(value, 3), label: 'Perplexity', help: 'exp of the loss a token' },
  'nsp.loss': {
    ...nats,
    label: 'Next sentence',
    help: 'Loss of telling whether the second segment follows; guessing gives 0.693',
  },
  'nsp.accuracy': {
    ...share,
    label: 'Next sentence, accuracy',
    help: 'Share of pairs told right; guessing gives 50 %',
  },
};
const order = Object.keys(known);

export const metricView = (name: string): MetricView =>
  known[name] ?? { ...plain, label: name, help: `validation.${name}` };

/** The metrics that a run has, without their prefix, the most telling first. */
export function metricsOf(names: Iterable<string>): string[] {
  const found = new Set<string>();
  for (const name of names) {
    const match = /^(?:train|validation)\.(?!baseline\.)(.+)$/.exec(name);
    if (match && known[match[1]]) found.add(match[1]);
  }
  return [...found].sort((a, b) => order.indexOf(a) - order.indexOf(b));
}

export const isLoss = (name: string): boolean => name.endsWith('loss');

/** The loss that tells most of a task, with its held-out form and its trivial baseline. */
export function lossOf(run: Pick<Run, 'task'> | { task: string | null }): {
  train: string;
  validation: string;
  baseline: string;
} {
  const name = run.task === 'bert-pretrain' ? 'mlm.loss' : 'loss';
  return { train: `train.${name}`, validation: `validation.${name}`, baseline: `validation.baseline.${name}` };
}

/** What a task counts as its speed. */
export const speed = (tokens: number | null | undefined): string => `${count(tokens)} tokens/s`;

/** The ranks that a run has reported times of, in order. */
export function ranksOf(names: Iterable<string>): number[] {
  const ranks = new Set<number>();
  for (const name of names) {
    const match = /^rank\.(\d+)\./.exec(name);
    if (match) ranks.add(Number(match[1]));
  }
  return [...ranks].sort((a, b) => a - b);
}

/** A metric by its whole name, with or without a prefix: `train.mlm.loss`, `goodput`. */
export function sayMetric(name: string): Pick<MetricView, 'label' | 'say'> {
  const [, place, short] = /^(train|validation)\.(?:baseline\.)?(.+)$/.exec(name) ?? [];
  const view = place === undefined ? undefined : known[short];
  return view ? { label: name, say: view.say } : { label: name, say: (value) => decimal(value) };
}

/** Whether a lower value of it is the better one; undefined where neither is. */
export function lowerIsBetter(name: string): boolean | undefined {
  const [, short] = /^(?:train|validation)\.(?!baseline\.)(.+)$/.exec(name) ?? [];
  if (short === undefined || !known[short]) return undefined;
  return isLoss(short) || short === 'mse' || short === 'perplexity';
}

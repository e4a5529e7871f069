import type { StepCounts } from '@regatta/text';
import type { Sums } from '../task.js';

/** Sums that the pretraining model gives, in the order in which they follow the gradient. */
export const bertSums = ['mlmLoss', 'nspLoss', 'mlmCorrect', 'nspCorrect'] as const;

const share = (sum: number, count: number): number => (count === 0 ? 0 : sum / count);

/** Losses in nats (a masked token, a pair), accuracies in [0, 1]; `loss` is their sum, what is trained. */
export function bertMetrics(sums: Sums, counts: StepCounts, nextSentence: boolean): Record<string, number> {
  const mlm = share(sums.mlmLoss, counts.maskedTokens);
  const masked = { 'mlm.loss': mlm, 'mlm.accuracy': share(sums.mlmCorrect, counts.maskedTokens) };
  if (!nextSentence) return { loss: mlm, ...masked };
  const nsp = share(sums.nspLoss, counts.examples);
  const accuracy = share(sums.nspCorrect, counts.examples);
  return { loss: mlm + nsp, ...masked, 'nsp.loss': nsp, 'nsp.accuracy': accuracy };
}

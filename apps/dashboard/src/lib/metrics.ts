import type { Run } from '@regatta/contracts';

/** The loss that tells most of a task, with its held-out form and its trivial baseline. */
export function lossOf(run: Pick<Run, 'task'>): { train: string; validation: string; baseline: string } {
  const name = run.task === 'bert-pretrain' ? 'mlm.loss' : 'loss';
  return { train: `train.${name}`, validation: `validation.${name}`, baseline: `validation.baseline.${name}` };
}

/** The ranks that a run has reported times of, in order. */
export function ranksOf(names: Iterable<string>): number[] {
  const ranks = new Set<number>();
  for (const name of names) {
    const match = /^rank\.(\d+)\./.exec(name);
    if (match) ranks.add(Number(match[1]));
  }
  return [...ranks].sort((a, b) => a - b);
}

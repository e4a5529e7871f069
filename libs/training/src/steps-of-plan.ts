import type { EpochWork, PreparedTask, StepWork } from './task.js';

/** A step as the plan has it. */
export interface PlannedStep {
  number: number;
  /** Passes over the data at its end. */
  epoch: number;
  work: StepWork;
}

/** A place in the data: the next step is the `index`-th of `epoch`, both from 0. */
export interface Place {
  epoch: number;
  index: number;
}

/** The steps of a run, epoch after epoch. The newest epoch that was asked for is kept: to plan one takes a while. */
export class StepsOfPlan {
  private kept: { epoch: number; work: EpochWork } | null = null;

  constructor(private readonly task: Pick<PreparedTask, 'epoch'>) {}

  epoch(epoch: number): EpochWork {
    if (this.kept?.epoch !== epoch) this.kept = { epoch, work: this.task.epoch(epoch) };
    return this.kept.work;
  }

  /** The next `count` steps after step `done`, of which the first is at `from`, and the place behind them. */
  take(done: number, from: Place, count: number): { steps: PlannedStep[]; behind: Place } {
    const steps: PlannedStep[] = [];
    let { epoch, index } = from;
    for (let number = done + 1; number <= done + count; number++) {
      const plan = this.epoch(epoch);
      steps.push({ number, epoch: epoch + (index + 1) / plan.steps, work: plan.step(index, number) });
      index += 1;
      if (index === plan.steps) [epoch, index] = [epoch + 1, 0];
    }
    return { steps, behind: { epoch, index } };
  }

  /** Passes over the data at a place. */
  passes({ epoch, index }: Place): number {
    return index === 0 ? epoch : epoch + index / this.epoch(epoch).steps;
  }
}

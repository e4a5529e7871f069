import type { StepWork } from './task.js';

/** A step under way, with its times. */
export class StepUnderWay {
  private readonly started = performance.now();
  private computedAt = 0;
  private reducedAt = 0;

  constructor(
    readonly number: number,
    /** Passes over the data at the end of this step. */
    readonly epoch: number,
    readonly work: StepWork,
  ) {}

  computed(): void {
    this.computedAt = performance.now();
  }

  reduced(): void {
    this.reducedAt = performance.now();
  }

  get times(): { computeMs: number; allReduceMs: number } {
    return { computeMs: this.computedAt - this.started, allReduceMs: this.reducedAt - this.computedAt };
  }

  get tokensPerSecond(): number {
    return (this.work.tokens * 1000) / (performance.now() - this.started);
  }
}

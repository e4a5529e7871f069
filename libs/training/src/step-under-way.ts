import type { AllReduceStats } from '@regatta/collective';
import type { RankCosts } from './report.js';
import type { StepWork } from './task.js';

/** A step under way, with what it costs this rank. */
export class StepUnderWay {
  private readonly started = performance.now();
  private computedAt = 0;
  private reducedAt = 0;
  private exchangedBytes = 0;

  constructor(
    readonly number: number,
    /** Passes over the data at the end of this step. */
    readonly epoch: number,
    readonly work: StepWork,
  ) {}

  computed(): void {
    this.computedAt = performance.now();
  }

  reduced({ bytesSent, bytesReceived }: AllReduceStats): void {
    this.reducedAt = performance.now();
    this.exchangedBytes = bytesSent + bytesReceived;
  }

  get costs(): RankCosts {
    const { computedAt, exchangedBytes } = this;
    return { computeMs: computedAt - this.started, allReduceMs: this.reducedAt - computedAt, exchangedBytes };
  }

  get tokensPerSecond(): number {
    return (this.work.tokens * 1000) / (performance.now() - this.started);
  }
}

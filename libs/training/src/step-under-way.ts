import type { AllReduceStats } from '@regatta/collective';
import type { ParameterSpace } from '@regatta/engine';
import type { RankCosts, RankParts } from './report.js';
import type { StepWork } from './task.js';

/** A step under way, with what it costs this rank. */
export class StepUnderWay {
  private readonly started = performance.now();
  private computedAt = 0;
  private reducedAt = 0;
  private exchangedBytes = 0;
  private waitMs = 0;
  private readonly before: ParameterSpace['spent'];

  constructor(
    readonly number: number,
    /** Passes over the data at the end of this step. */
    readonly epoch: number,
    readonly work: StepWork,
    private readonly space: Pick<ParameterSpace, 'spent'>,
  ) {
    this.before = { ...space.spent };
  }

  computed(): void {
    this.computedAt = performance.now();
  }

  reduced({ bytesSent, bytesReceived, waitMs }: AllReduceStats): void {
    this.waitMs = waitMs;
    this.reducedAt = performance.now();
    this.exchangedBytes = bytesSent + bytesReceived;
  }

  get costs(): RankCosts {
    const { computedAt, exchangedBytes } = this;
    return { computeMs: computedAt - this.started, allReduceMs: this.reducedAt - computedAt, exchangedBytes };
  }

  /** Of its times, what masks, the sum of shards and the update took, and how long the slowest rank was waited for. */
  get parts(): RankParts {
    const { before, waitMs } = this;
    const { masks, sums, update } = this.space.spent;
    return {
      masksMs: masks - before.masks,
      sumMs: sums - before.sums,
      updateMs: update - before.update,
      waitMs,
    };
  }

  get tokensPerSecond(): number {
    return (this.work.tokens * 1000) / (performance.now() - this.started);
  }
}

import type { AllReduceStats } from '@regatta/collective';
import type { ParameterSpace } from '@regatta/engine';
import type { RankCosts, RankParts } from './report.js';
import type { Place, PlannedStep } from './steps-of-plan.js';

/** What is under way to the next exchange, with what it costs this rank: one step, or with local steps a round of them. */
export class StepUnderWay {
  private readonly started = performance.now();
  private computedAt = 0;
  private reducedAt = 0;
  private exchangedBytes = 0;
  private waitMs = 0;
  private readonly before: ParameterSpace['spent'];

  constructor(
    /** At least one. */
    readonly steps: readonly PlannedStep[],
    /** Where the data go on after them. */
    readonly behind: Place,
    /** Adam's count before the first of them. */
    readonly updates: number,
    private readonly space: Pick<ParameterSpace, 'spent'>,
  ) {
    this.before = { ...space.spent };
  }

  get last(): PlannedStep {
    return this.steps[this.steps.length - 1];
  }

  /** The step that the exchange commits. */
  get number(): number {
    return this.last.number;
  }

  computed(): void {
    this.computedAt = performance.now();
  }

  reduced({ bytesSent, bytesReceived, waitMs }: AllReduceStats): void {
    this.waitMs = waitMs;
    this.reducedAt = performance.now();
    this.exchangedBytes = bytesSent + bytesReceived;
  }

  /** A step's, in the mean. */
  get costs(): RankCosts {
    const { computedAt, exchangedBytes, steps } = this;
    const n = steps.length;
    return {
      computeMs: (computedAt - this.started) / n,
      allReduceMs: (this.reducedAt - computedAt) / n,
      exchangedBytes: exchangedBytes / n,
    };
  }

  /** Of its times, what masks, the sum of shards and the update took, and how long the slowest rank was waited for. A step's, in the mean. */
  get parts(): RankParts {
    const { before, waitMs, steps } = this;
    const { masks, sums, update } = this.space.spent;
    const n = steps.length;
    return {
      masksMs: (masks - before.masks) / n,
      sumMs: (sums - before.sums) / n,
      updateMs: (update - before.update) / n,
      waitMs: waitMs / n,
    };
  }

  get tokensPerSecond(): number {
    const tokens = this.steps.reduce((sum, { work }) => sum + work.tokens, 0);
    return (tokens * 1000) / (performance.now() - this.started);
  }
}

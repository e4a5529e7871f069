const windowMs = 20_000;

interface Mark {
  step: number;
  ms: number;
}

/** Seconds a step over the newest twenty seconds of each run, for its ETA. */
export class StepRates {
  private readonly marks = new Map<string, Mark[]>();

  /** @returns seconds a step; undefined before there are two steps to compare */
  observe(runId: string, step: number, time: string): number | undefined {
    const mark = { step, ms: Date.parse(time) };
    const earlier = (this.marks.get(runId) ?? []).filter((old) => old.step < step && old.ms > mark.ms - windowMs);
    this.marks.set(runId, [...earlier, mark]);
    const first = earlier[0];
    return first && mark.ms > first.ms ? (mark.ms - first.ms) / 1000 / (step - first.step) : undefined;
  }

  forget(runId: string): void {
    this.marks.delete(runId);
  }
}

import { baselineOf, type RunSpec, rankMetric, type SampleKind, type StreamEntry } from '@regatta/contracts';
import type { RankMemory } from './memory.js';

/** Entries leave in the order of the calls; the promise resolves when there is room for more. */
export type Report = (entry: StreamEntry) => Promise<void>;

/** What a step costs a rank: how long it computed and waited, and the bytes of the gradients that it sent and received. */
export interface RankCosts {
  computeMs: number;
  allReduceMs: number;
  exchangedBytes: number;
}

/** Where a rank's step goes besides forward and backward, in ms: masks and sum are parts of computing, the wait one of the exchange. */
export interface RankParts {
  masksMs: number;
  sumMs: number;
  updateMs: number;
  waitMs: number;
}

/** How often the parts are told: four points a rank at every step would be more than all other metrics together. */
const partsEvery = 10;

/** Makes the entries of one rank of one generation. */
export class Reporter {
  private exchangedBytes = -1;

  constructor(
    private readonly spec: RunSpec,
    private readonly generation: number,
    private readonly rank: number,
    private readonly maxSteps: number,
    private readonly report: Report,
    private readonly memory: RankMemory,
  ) {}

  /** Points of one step that every rank knows; what is not finite becomes null. */
  metrics(step: number, epoch: number, values: Record<string, number | null>): Promise<void> {
    return this.shared(this.points(step, epoch, values));
  }

  /** Points of one step that only this rank knows. */
  ownMetrics(step: number, epoch: number, values: Record<string, number>): Promise<void> {
    return this.report(this.points(step, epoch, values));
  }

  /** What every rank makes alike is told by rank 0 and kept by all: if rank 0 is lost before it is stored, the next one tells it. */
  private async shared(entry: StreamEntry): Promise<void> {
    this.memory.note(entry);
    if (this.rank === 0) await this.report(entry);
  }

  private points(step: number, epoch: number, values: Record<string, number | null>): StreamEntry {
    return { type: 'metrics', ...this.common(), step, epoch, maxSteps: this.maxSteps, values: finiteOnly(values) };
  }

  /** The costs as metrics; the bytes, which hardly ever change, only when they do. */
  rankCosts({ computeMs, allReduceMs, exchangedBytes }: RankCosts): Record<string, number> {
    const changed = exchangedBytes !== this.exchangedBytes;
    this.exchangedBytes = exchangedBytes;
    return {
      [rankMetric(this.rank, 'computeMs')]: computeMs,
      [rankMetric(this.rank, 'allReduceMs')]: allReduceMs,
      ...(changed ? { [rankMetric(this.rank, 'exchangedBytes')]: exchangedBytes } : {}),
    };
  }

  /** The parts of a step as metrics, where the first or a tenth step after it is among these. */
  rankParts(steps: readonly { number: number }[], parts: RankParts): Record<string, number> {
    if (steps.every(({ number }) => number % partsEvery !== 1)) return {};
    return Object.fromEntries(
      Object.entries(parts).map(([name, ms]) => [rankMetric(this.rank, name as keyof RankParts), ms]),
    );
  }

  /** `key` makes the line idempotent within the run. */
  event(key: string, event: string, step: number, message: string, data: Record<string, unknown> = {}): Promise<void> {
    return this.shared({ type: 'event', ...this.common(), key, event, step, message, data });
  }

  samples(step: number, kind: SampleKind, data: unknown): Promise<void> {
    return this.shared({ type: 'samples', ...this.common(), step, kind, data });
  }

  checkpoint(entry: {
    step: number;
    sha256: string;
    weightsSha256: string;
    bytes: number;
    metrics: Record<string, number | null>;
    removed?: boolean;
  }): Promise<void> {
    return this.report({ type: 'checkpoint', ...this.common(), removed: false, ...entry });
  }

  model(entry: {
    step: number;
    weightsSha256: string;
    parameters: number;
    config: Record<string, unknown>;
    metrics: Record<string, number | null>;
  }): Promise<void> {
    return this.report({ type: 'model', ...this.common(), ...entry });
  }

  private common() {
    return { runId: this.spec.runId, generation: this.generation, time: new Date().toISOString() };
  }
}

/** What is not finite becomes null. */
export const finiteOnly = (values: Record<string, number | null>): Record<string, number | null> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number.isFinite(value) ? value : null]));

/** `loss` → `train.loss` and so on. */
export const prefixed = (prefix: string, values: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, value]));

/** Metrics of an evaluation with their baselines. */
export const validationMetrics = (
  metrics: Record<string, number>,
  baselines: Record<string, number>,
): Record<string, number> => ({
  ...prefixed('validation', metrics),
  ...Object.fromEntries(
    Object.entries(prefixed('validation', baselines)).map(([name, value]) => [baselineOf(name), value]),
  ),
});

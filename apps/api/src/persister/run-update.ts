import {
  type CheckpointEntry,
  finishedStatuses,
  type MetricsEntry,
  type ModelEntry,
  type ModelKind,
  metric,
  modelKindOf,
  newId,
  type RunStatus,
  type SamplesEntry,
  type StateEntry,
  type StreamEntry,
} from '@regatta/contracts';
import type { Prisma } from '../database/database.js';
import type { Transaction } from '../runs/ledger.js';
import type { StepRates } from './step-rate.js';

/** The columns of a run that its entries change, as they were before the batch. */
export interface StoredRun {
  id: string;
  name: string;
  task: string;
  datasetId: string | null;
  baseId: string | null;
  status: string;
  stateEpoch: number;
  step: number;
  startedAt: Date | null;
  finishedAt: Date | null;
  metrics: Record<string, number | null>;
}

/** How far a run is: what its points change. */
interface Progress {
  metrics?: Record<string, number | null>;
  step?: number;
  epoch?: number;
  maxSteps?: number;
  secondsPerStep?: number;
}

/** Collects what a batch changes of one run, in the order of its entries. */
export class RunUpdate {
  private readonly data: Prisma.RunUpdateInput = {};
  private readonly progress: Progress = {};
  /** Whether anything but points came: what `writeProgress` writes does not change how the run is doing. */
  more = false;

  constructor(
    private readonly run: StoredRun,
    private readonly rates: StepRates,
  ) {}

  async apply(tx: Transaction, entry: StreamEntry): Promise<void> {
    if (entry.type !== 'metrics') this.more = true;
    if (entry.type === 'metrics') this.metrics(entry);
    if (entry.type === 'state') this.state(entry);
    if (entry.type === 'checkpoint') await this.checkpoint(tx, entry);
    if (entry.type === 'model') await this.model(tx, entry);
    if (entry.type === 'samples') await this.samples(tx, entry);
  }

  async write(tx: Transaction): Promise<void> {
    if (Object.keys(this.data).length > 0)
      await tx.run.update({ where: { id: this.run.id }, data: this.data, select: { id: true } });
  }

  /** Writes how far runs are, all in one statement. */
  static async writeProgress(tx: Transaction, updates: RunUpdate[]): Promise<void> {
    const changed = updates.filter(({ progress }) => progress.metrics);
    if (changed.length === 0) return;
    const rows = JSON.stringify(changed.map(({ run, progress }) => ({ id: run.id, ...progress })));
    await tx.$executeRaw`
      UPDATE "Run" r SET metrics = u.metrics, step = coalesce(u.step, r.step), epoch = coalesce(u.epoch, r.epoch),
        "maxSteps" = coalesce(u."maxSteps", r."maxSteps"),
        "secondsPerStep" = coalesce(u."secondsPerStep", r."secondsPerStep")
      FROM json_to_recordset(${rows}::json) AS u(id uuid, metrics jsonb, step int, epoch float8, "maxSteps" int,
        "secondsPerStep" float8) WHERE r.id = u.id`;
  }

  private set(data: Prisma.RunUpdateInput): void {
    Object.assign(this.data, data);
  }

  private metrics(entry: MetricsEntry): void {
    const { run, progress } = this;
    progress.metrics = Object.assign(run.metrics, entry.values);
    // A run that was restored repeats steps: its progress does not go back. An account of its time says nothing of its place.
    if (entry.step <= run.step || metric.goodput in entry.values) return;
    run.step = entry.step;
    Object.assign(progress, { step: entry.step, epoch: entry.epoch, maxSteps: entry.maxSteps ?? progress.maxSteps });
    const rate = metric.trainLoss in entry.values ? this.rates.observe(run.id, entry.step, entry.time) : undefined;
    if (rate !== undefined) progress.secondsPerStep = rate;
  }

  /** An older epoch is ignored, and a finished run stays as it ended. */
  private state(entry: StateEntry): void {
    const { run } = this;
    if (entry.epoch <= run.stateEpoch || isEnd(run.status)) return;
    run.stateEpoch = entry.epoch;
    run.status = entry.status;
    this.set({
      stateEpoch: entry.epoch,
      status: entry.status,
      generation: entry.generation,
      restarts: entry.restarts,
      workers: entry.workers,
    });
    if (entry.goodput !== null) this.set({ goodput: entry.goodput });
    if (entry.fingerprint) this.set({ fingerprint: entry.fingerprint });
    if (entry.error) this.set({ error: entry.error });
    if (entry.weightsSha256) this.set({ weightsSha256: entry.weightsSha256 });
    if (entry.status === 'running' && !run.startedAt) {
      run.startedAt = new Date(entry.time);
      this.set({ startedAt: run.startedAt });
    }
    if (isEnd(entry.status)) {
      this.set({ finishedAt: new Date(entry.time) });
      this.rates.forget(run.id);
    }
  }

  private async checkpoint(tx: Transaction, entry: CheckpointEntry): Promise<void> {
    const place = { runId: this.run.id, step: entry.step };
    if (entry.removed) {
      await tx.checkpoint.deleteMany({ where: place });
      return;
    }
    const { sha256, weightsSha256, metrics } = entry;
    const data = { sha256, weightsSha256, metrics, bytes: BigInt(entry.bytes), time: new Date(entry.time) };
    await tx.checkpoint.upsert({ where: { runId_step: place }, create: { ...place, ...data }, update: data });
  }

  private async model(tx: Transaction, entry: ModelEntry): Promise<void> {
    const { run } = this;
    const { step, weightsSha256, metrics } = entry;
    const config = entry.config as Prisma.InputJsonObject;
    const data = {
      weightsSha256,
      metrics,
      config,
      kind: kindOf(config),
      parameters: BigInt(entry.parameters),
      promoted: false,
      createdAt: new Date(entry.time),
    };
    const from = { runId: run.id, step, task: run.task, datasetId: run.datasetId, baseId: run.baseId };
    // A run that finished again after it was restored registers the same weights.
    await tx.model.upsert({
      where: { runId_step: { runId: run.id, step } },
      create: { id: newId(), name: run.name, ...from, ...data },
      update: data,
      select: { id: true },
    });
  }

  /** What was stored at a step stays: a restored run evaluates it again and finds the same. */
  private async samples(tx: Transaction, { step, kind, data, time }: SamplesEntry): Promise<void> {
    const content = { data: data as Prisma.InputJsonValue, time: new Date(time) };
    await tx.sample.createMany({ data: { runId: this.run.id, step, kind, ...content }, skipDuplicates: true });
  }
}

/** null where the configuration names no head that we know: the model is kept, and embeds at most. */
function kindOf(config: unknown): ModelKind | null {
  try {
    return modelKindOf(config);
  } catch {
    return null;
  }
}

const isEnd = (status: string): boolean => finishedStatuses.includes(status as RunStatus);

import {
  type CheckpointEntry,
  finishedStatuses,
  type MetricsEntry,
  type ModelEntry,
  metric,
  newId,
  type RunStatus,
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
  datasetId: string;
  status: string;
  stateEpoch: number;
  step: number;
  startedAt: Date | null;
  finishedAt: Date | null;
  metrics: Record<string, number | null>;
}

/** Collects what a batch changes of one run, in the order of its entries; written by one statement. */
export class RunUpdate {
  private readonly data: Prisma.RunUpdateInput = {};
  private changed = false;

  constructor(
    private readonly run: StoredRun,
    private readonly rates: StepRates,
  ) {}

  async apply(tx: Transaction, entry: StreamEntry): Promise<void> {
    if (entry.type === 'metrics') this.metrics(entry);
    if (entry.type === 'state') this.state(entry);
    if (entry.type === 'checkpoint') await this.checkpoint(tx, entry);
    if (entry.type === 'model') await this.model(tx, entry);
  }

  async write(tx: Transaction): Promise<void> {
    if (this.changed) await tx.run.update({ where: { id: this.run.id }, data: this.data, select: { id: true } });
  }

  private set(data: Prisma.RunUpdateInput): void {
    Object.assign(this.data, data);
    this.changed = true;
  }

  private metrics(entry: MetricsEntry): void {
    Object.assign(this.run.metrics, entry.values);
    this.set({ metrics: this.run.metrics });
    // A run that was restored repeats steps: its progress does not go back.
    if (entry.step <= this.run.step) return;
    this.run.step = entry.step;
    this.set({ step: entry.step, epoch: entry.epoch });
    if (entry.maxSteps !== undefined) this.set({ maxSteps: entry.maxSteps });
    const rate = metric.trainLoss in entry.values ? this.rates.observe(this.run.id, entry.step, entry.time) : undefined;
    if (rate !== undefined) this.set({ secondsPerStep: rate });
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
      step,
      weightsSha256,
      metrics,
      config,
      parameters: BigInt(entry.parameters),
      createdAt: new Date(entry.time),
    };
    await tx.model.upsert({
      where: { runId: run.id },
      create: { id: newId(), runId: run.id, name: run.name, task: run.task, datasetId: run.datasetId, ...data },
      update: data,
      select: { id: true },
    });
  }
}

const isEnd = (status: string): boolean => finishedStatuses.includes(status as RunStatus);

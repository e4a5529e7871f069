import { Inject, Injectable } from '@nestjs/common';
import {
  AppError,
  type FieldError,
  isFinished,
  type Page,
  type Run,
  type RunConfig,
  type RunPatch,
  type RunScale,
  type runListQuery,
} from '@regatta/contracts';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { CheckpointsService } from '../checkpoints/checkpoints.service.js';
import { Database, type Prisma } from '../database/database.js';
import { SharedReads } from '../http/shared-reads.js';
import { RunChanges } from '../persister/run-changes.js';
import { ProjectsService } from '../projects/projects.service.js';
import { LOGGER } from '../tokens.js';
import { type ForkOrigin, forkColumns, forkedLine } from './fork-origin.js';
import { appendEvent } from './ledger.js';
import { listRuns } from './list-runs.js';
import { readRun } from './read-runs.js';
import { Reconciler } from './reconciler.js';
import { RunControl } from './run-control.js';
import { type RunInputs, RunInputsService } from './run-inputs.js';
import { type RunRow, runInclude, runView, statusOf } from './run-view.js';

/** A run from its request to its queue: first the row, then the job. */
@Injectable()
export class RunsService {
  /** Dashboards ask for the same list again and again. */
  private readonly lists = new SharedReads<Page<Run>>();

  constructor(
    private readonly database: Database,
    private readonly inputs: RunInputsService,
    private readonly projects: ProjectsService,
    private readonly control: RunControl,
    private readonly reconciler: Reconciler,
    private readonly checkpoints: CheckpointsService,
    private readonly changes: RunChanges,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Queues a run. The row is committed first; if this process dies before the workers hear of it, the reconciler tells
   * them. With the same id again (a repeated request) it is the same run.
   * @throws AppError invalid when what it names is not there or does not fit
   */
  async create(id: string, requested: RunConfig): Promise<Run> {
    const earlier = await this.find(id);
    if (earlier) return runView(earlier);
    const inputs = await this.inputs.resolve(requested);
    return this.queue(id, inputs, await this.projects.idOf(requested.project));
  }

  /**
   * Queues a run like a finished one: the same configuration, version of the data and base.
   * @throws AppError conflict while that one is active; invalid when its base is gone
   */
  async retry(id: string, ofId: string): Promise<Run> {
    const earlier = await this.find(id);
    if (earlier) return runView(earlier);
    const row = await this.must(ofId);
    if (!isFinished(statusOf(row)))
      throw new AppError('conflict', `This run is ${row.status}`, { next: 'Cancel it first, or wait for its end' });
    const inputs = await this.inputs.resolve(row.config as unknown as RunConfig, {
      dataset: row.datasetId ?? undefined,
      base: row.baseId ?? undefined,
    });
    return this.queue(id, inputs, row.projectId);
  }

  /** Writes the row of a run and tells the workers. `fork`: what it starts from, with its line in the ledger. */
  async queue(id: string, { config, dataset, base }: RunInputs, projectId: string, fork?: ForkOrigin): Promise<Run> {
    const { name, tags, task, priority } = config;
    const data = {
      id,
      name,
      tags,
      task,
      priority,
      projectId,
      datasetId: dataset?.id,
      baseId: base?.model.id,
      config: config as unknown as Prisma.InputJsonObject,
    };
    const row = await this.database.$transaction(async (tx) => {
      const made = await tx.run.create({ data: { ...data, ...(fork && forkColumns(fork)) }, include: runInclude });
      if (fork) await appendEvent(tx, id, forkedLine(fork));
      return made;
    });
    await this.tellWorkers(row);
    return runView(row);
  }

  async get(id: string): Promise<Run> {
    return runView(await this.must(id));
  }

  list(query: z.output<typeof runListQuery>): Promise<Page<Run>> {
    return this.lists.read(JSON.stringify(query), () => listRuns(this.database, query));
  }

  async patch(id: string, patch: RunPatch): Promise<Run> {
    await this.must(id);
    const row = await this.database.run.update({ where: { id }, data: patch, include: runInclude });
    if (patch.priority !== undefined && !isFinished(statusOf(row))) await this.tellWorkers(row);
    this.changes.notify([id]);
    return runView(row);
  }

  /**
   * Wants a run to stop; its coordinator stops it within one step.
   * @throws AppError conflict when it is finished
   */
  async cancel(id: string): Promise<Run> {
    return this.want(await this.active(id), { desired: 'cancelled' });
  }

  /**
   * Wants a run to stop at its next step with a checkpoint, and to hold no worker. Pausing a paused run changes nothing.
   * @throws AppError conflict when it is finished or being cancelled
   */
  async pause(id: string): Promise<Run> {
    const row = await this.active(id);
    refuseCancelled(row);
    return this.want(row, { desired: 'paused' });
  }

  /** Wants a paused run to go on. @throws AppError conflict when it is not paused */
  async resume(id: string): Promise<Run> {
    const row = await this.active(id);
    refuseCancelled(row);
    if (row.desired !== 'paused') throw new AppError('conflict', 'This run is not paused');
    return this.want(row, { desired: 'running' });
  }

  /**
   * Changes how many workers a run may have.
   * @throws AppError conflict when it is finished or being cancelled; invalid where the limits do not fit
   */
  async scale(id: string, scale: RunScale): Promise<Run> {
    const row = await this.active(id);
    refuseCancelled(row);
    const config = row.config as unknown as RunConfig;
    const distributed = { ...config.distributed, ...scale };
    const errors = limitErrors(distributed);
    if (errors.length > 0) {
      const said = errors.map(({ path, message }) => `${path} ${message}`).join('; ');
      throw new AppError('invalid', `The run cannot be scaled so: ${said}`, { errors });
    }
    return this.want(row, { config: { ...config, distributed } as unknown as Prisma.InputJsonObject });
  }

  /** Writes what is wanted of an active run and tells the workers. */
  private async want({ id }: RunRow, data: Prisma.RunUpdateInput): Promise<Run> {
    const row = await this.database.run.update({ where: { id }, data, include: runInclude });
    await this.tellWorkers(row);
    this.changes.notify([id]);
    return this.get(id);
  }

  private async active(id: string): Promise<RunRow> {
    const row = await this.must(id);
    if (isFinished(statusOf(row))) throw new AppError('conflict', `This run is ${row.status} already`);
    return row;
  }

  /** Deletes a finished run and all that belongs to it but its model. @throws AppError conflict while it is active */
  async delete(id: string): Promise<void> {
    const row = await this.must(id);
    if (!isFinished(statusOf(row)))
      throw new AppError('conflict', `This run is ${row.status}`, { next: 'Cancel it first' });
    const model = await this.database.model.findFirst({ where: { runId: id }, select: { id: true } });
    if (model)
      throw new AppError('conflict', 'A model comes from this run', { next: `Delete the model ${model.id} first` });
    await this.checkpoints.deleteAll(id);
    // the run first: what is being stored of it has its row locked, and is there to be deleted afterwards
    await this.database.$transaction([
      this.database.run.deleteMany({ where: { id } }),
      this.database.metricPoint.deleteMany({ where: { runId: id } }),
    ]);
    await this.control
      .forget(id)
      .catch((error: unknown) => this.logger.warn({ err: error, runId: id }, 'keys are left over'));
    this.changes.notify([id]);
  }

  /** A Redis that is away fails no request: the row says what is wanted, and the reconciler tells it later. */
  private async tellWorkers(row: RunRow): Promise<void> {
    try {
      await this.reconciler.reconcile(row.id);
    } catch (error) {
      this.logger.warn({ err: error, runId: row.id }, 'the workers will be told when Redis answers');
    }
  }

  private find(id: string): Promise<RunRow | null> {
    return readRun(this.database, id);
  }

  private async must(id: string): Promise<RunRow> {
    const row = await this.find(id);
    if (!row) throw new AppError('not-found', `There is no run ${id}`);
    return row;
  }
}

function refuseCancelled(row: RunRow): void {
  if (row.desired === 'cancelled') throw new AppError('conflict', 'This run is being cancelled');
}

/** The rules of a run's configuration, for limits that come later. */
function limitErrors({ minWorkers, maxWorkers, logicalShards }: RunConfig['distributed']): FieldError[] {
  const errors: FieldError[] = [];
  if (minWorkers > maxWorkers)
    errors.push({ path: 'minWorkers', message: `must not exceed maxWorkers (${maxWorkers})` });
  if (maxWorkers > logicalShards)
    errors.push({ path: 'maxWorkers', message: `must not exceed logicalShards (${logicalShards})` });
  return errors;
}

import { Inject, Injectable } from '@nestjs/common';
import { AppError, type checkpoint, isFinished, type listQuery, type Page, type RunConfig } from '@regatta/contracts';
import { type ArtifactStore, safetensorsShapes } from '@regatta/storage';
import type { z } from 'zod';
import { Database, type Prisma } from '../database/database.js';
import { type ModelView, modelInclude, modelView } from '../models/model-view.js';
import { kindOfRun } from '../predict/model-sources.js';
import { statusOf } from '../runs/run-view.js';
import { STORE } from '../tokens.js';

type CheckpointView = z.output<typeof checkpoint>;

/** What a checkpoint holds beside its model. */
const trainersFiles = ['optimizer.safetensors', 'state.json'];

@Injectable()
export class CheckpointsService {
  constructor(
    private readonly database: Database,
    @Inject(STORE) private readonly store: ArtifactStore,
  ) {}

  /** The cursor is the step of the page's last checkpoint. */
  async list(runId: string, query: z.output<typeof listQuery>): Promise<Page<CheckpointView>> {
    if (query.cursor !== undefined && !/^\d{1,9}$/.test(query.cursor))
      throw new AppError('invalid', 'The cursor is not one of this list', {
        errors: [{ path: 'cursor', message: 'must be the nextCursor of an earlier page' }],
      });
    if (!(await this.database.run.count({ where: { id: runId } })))
      throw new AppError('not-found', `There is no run ${runId}`);
    const rows = await this.database.checkpoint.findMany({
      where: { runId, step: query.cursor === undefined ? undefined : { lt: Number(query.cursor) } },
      orderBy: { step: 'desc' },
      take: query.limit + 1,
    });
    const items = rows.slice(0, query.limit).map((row) => ({
      step: row.step,
      sha256: row.sha256,
      weightsSha256: row.weightsSha256,
      bytes: Number(row.bytes),
      metrics: row.metrics as CheckpointView['metrics'],
      time: row.time.toISOString(),
    }));
    return { items, nextCursor: rows.length > query.limit ? String(items.at(-1)?.step) : null };
  }

  /** @throws AppError not-found; conflict while the run is active or a model has these weights */
  async delete(runId: string, step: number): Promise<void> {
    const row = await this.database.checkpoint.findUnique({
      where: { runId_step: { runId, step } },
      include: { run: { include: { models: { where: { step, promoted: false }, select: { id: true } } } } },
    });
    if (!row) throw new AppError('not-found', `There is no checkpoint of step ${step}`);
    if (!isFinished(statusOf(row.run)))
      throw new AppError('conflict', `The run is ${row.run.status} and may need its checkpoints`, {
        next: 'Cancel it first',
      });
    const [model] = row.run.models;
    if (model)
      throw new AppError('conflict', 'A model has these weights', { next: `Delete the model ${model.id} first` });
    await this.store.deleteCheckpoint(runId, step);
    await this.database.checkpoint.deleteMany({ where: { runId, step } });
  }

  /**
   * Makes a checkpoint a model of its own, with a copy of its weights: a run retires its older checkpoints.
   * @param id for the new model
   * @returns the model of this checkpoint that is there already, where there is one
   * @throws AppError not-found; conflict where a run of this task makes no model
   */
  async promote(id: string, runId: string, step: number): Promise<ModelView> {
    const row = await this.database.checkpoint.findUnique({
      where: { runId_step: { runId, step } },
      include: { run: { include: { dataset: { select: { kind: true } } } } },
    });
    if (!row) throw new AppError('not-found', `There is no checkpoint of step ${step}`);
    const there = await this.modelOf(runId, step);
    if (there) return there;
    const { run, weightsSha256, metrics } = row;
    const kind = kindOfRun(run.config as unknown as RunConfig, run.dataset?.kind);
    if (kind === null) throw new AppError('conflict', `A run of ${run.task} makes no model`);
    const { config, numbers } = await this.copy(runId, step, id, weightsSha256);
    const origin = { runId, task: run.task, datasetId: run.datasetId, baseId: run.baseId };
    const content = { kind, step, weightsSha256, config, parameters: BigInt(numbers), metrics: metrics ?? {} };
    await this.database.model.createMany({
      data: {
        id,
        name: `${run.name} at step ${step}`.slice(-200),
        promoted: true,
        ...origin,
        ...content,
        createdAt: new Date(),
      },
      skipDuplicates: true,
    });
    const model = (await this.modelOf(runId, step)) as ModelView;
    if (model.id !== id) await this.store.deleteCheckpoints(id);
    return model;
  }

  private async modelOf(runId: string, step: number): Promise<ModelView | undefined> {
    const where = { runId_step: { runId, step } };
    const row = await this.database.model.findUnique({ where, include: modelInclude });
    return row ? modelView(row) : undefined;
  }

  /**
   * Stores a checkpoint's model, without the trainer's state, under an id of its own.
   * @returns its configuration, and how many numbers its weights hold (by the header of safetensors)
   */
  private async copy(
    runId: string,
    step: number,
    owner: string,
    weightsSha256: string,
  ): Promise<{ config: Prisma.InputJsonObject; numbers: number }> {
    const { files } = await this.store.readCheckpoint(runId, step);
    const model = Object.entries(files).filter(([name]) => !trainersFiles.includes(name));
    await this.store.writeCheckpoint(owner, step, Object.fromEntries(model), { weightsSha256 });
    const config = JSON.parse(files['config.json'].toString()) as Prisma.InputJsonObject;
    const shapes = Object.values(safetensorsShapes(files['model.safetensors']));
    return { config, numbers: shapes.reduce((sum, shape) => sum + shape.reduce((product, n) => product * n, 1), 0) };
  }

  /** Removes what the artifact store holds of a run. */
  async deleteAll(runId: string): Promise<void> {
    await this.store.deleteCheckpoints(runId);
  }
}

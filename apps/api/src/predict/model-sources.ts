import { Injectable } from '@nestjs/common';
import { AppError, type ModelKind, type RunConfig } from '@regatta/contracts';
import { Database } from '../database/database.js';
import { ownerOf } from '../models/model-view.js';
import { ModelsService, type Weights } from '../models/models.service.js';

export interface ModelSource {
  /** null for an encoder without a head. */
  kind: ModelKind | null;
  weights: Weights;
}

/** Finds the weights that someone asks about: a model's, another checkpoint of its run, or those of a run that has no model yet. */
@Injectable()
export class ModelSources {
  constructor(
    private readonly database: Database,
    private readonly models: ModelsService,
  ) {}

  /**
   * @param id a model, or a run: its newest checkpoint
   * @param step of a checkpoint of the same run; undefined: the model's own
   * @throws AppError not-found
   */
  async find(id: string, step?: number): Promise<ModelSource> {
    const run = await this.run(id, step);
    if (run) return run;
    const model = await this.models.must(id);
    const kind = model.kind as ModelKind | null;
    const at = step ?? model.step;
    const owner = at === model.step ? ownerOf(model) : model.runId;
    // What has the model's own id is its alone, and stays as long as it does.
    const kept = owner !== null && (owner === id || (await this.isKept(owner, at)));
    if (!kept) throw new AppError('not-found', `There is no checkpoint of step ${at} of this model's run`);
    return { kind, weights: { modelId: id, owner, step: at } };
  }

  /** undefined where it is no run, or one without a checkpoint. */
  private async run(id: string, step: number | undefined): Promise<ModelSource | undefined> {
    const row = await this.database.checkpoint.findFirst({
      where: { runId: id },
      orderBy: { step: 'desc' },
      select: { step: true, run: { select: { config: true, dataset: { select: { kind: true } } } } },
    });
    if (!row) return undefined;
    const at = step ?? row.step;
    if (!(await this.isKept(id, at)))
      throw new AppError('not-found', `There is no checkpoint of step ${at} of this run`);
    const kind = kindOfRun(row.run.config as unknown as RunConfig, row.run.dataset?.kind);
    return { kind, weights: { modelId: id, owner: id, step: at } };
  }

  private async isKept(runId: string, step: number): Promise<boolean> {
    return (await this.database.checkpoint.count({ where: { runId, step } })) > 0;
  }
}

/** What the model of a run can be asked, before it is registered. */
export function kindOfRun(config: RunConfig, data: string | undefined): ModelKind | null {
  switch (config.task) {
    case 'bert-pretrain':
      return 'pretraining';
    case 'translate':
      return 'translation';
    case 'bert-finetune':
      return data === 'regression' ? 'regression' : (config.model.head ?? null);
    case 'attention-lab':
      return null;
  }
}

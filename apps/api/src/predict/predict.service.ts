import { Injectable } from '@nestjs/common';
import { AppError, type PredictBody, type PredictResult } from '@regatta/contracts';
import { Database } from '../database/database.js';
import { ModelsService } from '../models/models.service.js';
import { InferenceQueue } from '../redis/inference-queue.js';
import { WorkersService } from '../workers/workers.service.js';

/** Asks a predictor: the API itself loads no tensor library. */
@Injectable()
export class PredictService {
  constructor(
    private readonly database: Database,
    private readonly models: ModelsService,
    private readonly workers: WorkersService,
    private readonly queue: InferenceQueue,
  ) {}

  /**
   * @param modelId a model, or a run: its newest checkpoint
   * @param step of a checkpoint of the model's run; undefined: the model's own
   * @throws AppError unavailable when no worker could answer; invalid as the predictor finds it
   */
  async predict(modelId: string, step: number | undefined, body: PredictBody): Promise<PredictResult> {
    const source = (await this.newestOfRun(modelId)) ?? (await this.models.must(modelId));
    const { runId } = source;
    const at = step ?? source.step;
    const kept = await this.database.checkpoint.count({ where: { runId, step: at } });
    if (kept === 0) throw new AppError('not-found', `There is no checkpoint of step ${at} of this model's run`);
    if (!(await this.workers.anyAlive()))
      throw new AppError('unavailable', 'No worker is there that could answer', { retryable: true, next: 'Start one' });
    return this.queue.predict({ modelId, runId, step: at, body });
  }

  /** A run that has registered no model yet answers by its id, with its newest checkpoint. */
  private newestOfRun(id: string): Promise<{ runId: string; step: number } | null> {
    return this.database.checkpoint.findFirst({ where: { runId: id }, orderBy: { step: 'desc' } });
  }
}

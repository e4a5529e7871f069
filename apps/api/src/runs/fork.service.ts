import { Inject, Injectable } from '@nestjs/common';
import { AppError, type Run, type RunConfig, type RunFork } from '@regatta/contracts';
import type { ArtifactStore } from '@regatta/storage';
import { Database } from '../database/database.js';
import { ProjectsService } from '../projects/projects.service.js';
import { STORE } from '../tokens.js';
import { forkedConfig } from './fork-changes.js';
import { readRun } from './read-runs.js';
import { RunInputsService } from './run-inputs.js';
import { runInclude, runView } from './run-view.js';
import { RunsService } from './runs.service.js';

/** Starts a run from a checkpoint of another one. */
@Injectable()
export class ForkService {
  constructor(
    private readonly database: Database,
    private readonly inputs: RunInputsService,
    private readonly projects: ProjectsService,
    private readonly runs: RunsService,
    @Inject(STORE) private readonly store: ArtifactStore,
  ) {}

  /**
   * A new run that goes on from a checkpoint of another: weights, moments, place in the data and step, with a configuration that may
   * differ where the checkpoint lets it. The checkpoint is copied first, so nothing that happens to the other run matters any more.
   * @throws AppError not-found; conflict where the run has no checkpoint yet; invalid where the changes do not fit
   */
  async fork(id: string, ofId: string, { checkpoint: step, changes }: RunFork): Promise<Run> {
    const include = { ...runInclude, checkpoints: { orderBy: { step: 'asc' } } } as const;
    const earlier = await readRun(this.database, id);
    if (earlier) return runView(earlier);
    const parent = await this.database.run.findUnique({ where: { id: ofId }, include });
    if (!parent) throw new AppError('not-found', `There is no run ${ofId}`);
    const steps = parent.checkpoints.map((checkpoint) => checkpoint.step);
    if (steps.length === 0)
      throw new AppError('conflict', 'This run has no checkpoint yet to fork from', { next: 'Wait for its first one' });
    if (!steps.includes(step))
      throw new AppError('not-found', `There is no checkpoint of step ${step}`, {
        next: `This run has those of step ${steps.join(', ')}`,
      });
    const before = parent.config as unknown as RunConfig;
    const name = `${parent.name} from step ${step}`.slice(-200);
    const { config, changed } = forkedConfig(before, { name, ...changes }, { step, totalSteps: parent.maxSteps });
    const inputs = await this.inputs.resolve(config, {
      dataset: parent.datasetId ?? undefined,
      base: parent.baseId ?? undefined,
    });
    const project = config.project === before.project ? parent.projectId : await this.projects.idOf(config.project);
    const saved = parent.checkpoints.find((checkpoint) => checkpoint.step === step);
    const countsAnew = changed.some(({ path }) => path.startsWith('training.earlyStopping'));
    const copy = await this.copy(ofId, step, id, countsAnew);
    try {
      const { weightsSha256, metrics } = saved as NonNullable<typeof saved>;
      const checkpoint = { ...copy, weightsSha256, metrics: metrics ?? {}, time: new Date() };
      return await this.runs.queue(id, inputs, project, { parent, step, changed, checkpoint });
    } catch (error) {
      await this.store.deleteCheckpoints(id);
      throw error;
    }
  }

  /** Stores the checkpoint under the new run's id. `countsAnew`: what early stopping has counted is of another rule. */
  private async copy(from: string, step: number, to: string, countsAnew: boolean) {
    const { files, metadata } = await this.store.readCheckpoint(from, step);
    if (countsAnew) {
      const saved = JSON.parse(files['state.json'].toString()) as { state: object };
      const state = { ...saved.state, best: null, withoutProgress: 0 };
      files['state.json'] = Buffer.from(`${JSON.stringify({ ...saved, state }, null, 2)}\n`);
    }
    const { sha256, bytes } = await this.store.writeCheckpoint(to, step, files, metadata);
    return { step, sha256, bytes: BigInt(bytes) };
  }
}

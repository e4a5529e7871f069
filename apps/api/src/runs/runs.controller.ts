import { Controller } from '@nestjs/common';
import { accepted, created, deleted, Reply } from '../http/reply.js';
import { Handles, Input, type InputOf } from '../http/route.js';
import { EstimatesService } from './estimates.service.js';
import { ForkService } from './fork.service.js';
import * as routes from './runs.routes.js';
import { RunsService } from './runs.service.js';
import { SamplesService } from './samples.service.js';

@Controller()
export class RunsController {
  constructor(
    private readonly runs: RunsService,
    private readonly estimates: EstimatesService,
    private readonly forks: ForkService,
    private readonly samples: SamplesService,
  ) {}

  @Handles(routes.createRun)
  async create(@Input() { query, body, resourceId }: InputOf<typeof routes.createRun>) {
    if (query.dryRun === 'true') return new Reply(200, await this.estimates.dryRun(body));
    const run = await this.runs.create(resourceId, body);
    return created(`/api/v1/runs/${run.id}`, run);
  }

  @Handles(routes.listRuns)
  list(@Input() { query }: InputOf<typeof routes.listRuns>) {
    return this.runs.list(query);
  }

  @Handles(routes.getRun)
  get(@Input() { params }: InputOf<typeof routes.getRun>) {
    return this.runs.get(params.id);
  }

  @Handles(routes.patchRun)
  patch(@Input() { params, body }: InputOf<typeof routes.patchRun>) {
    return this.runs.patch(params.id, body);
  }

  @Handles(routes.cancelRun)
  async cancel(@Input() { params }: InputOf<typeof routes.cancelRun>) {
    return accepted(await this.runs.cancel(params.id));
  }

  @Handles(routes.pauseRun)
  async pause(@Input() { params }: InputOf<typeof routes.pauseRun>) {
    return accepted(await this.runs.pause(params.id));
  }

  @Handles(routes.resumeRun)
  async resume(@Input() { params }: InputOf<typeof routes.resumeRun>) {
    return accepted(await this.runs.resume(params.id));
  }

  @Handles(routes.scaleRun)
  async scale(@Input() { params, body }: InputOf<typeof routes.scaleRun>) {
    return accepted(await this.runs.scale(params.id, body));
  }

  @Handles(routes.deleteRun)
  async delete(@Input() { params }: InputOf<typeof routes.deleteRun>) {
    await this.runs.delete(params.id);
    return deleted();
  }

  @Handles(routes.getRunConfig)
  async config(@Input() { params }: InputOf<typeof routes.getRunConfig>) {
    return (await this.runs.get(params.id)).config;
  }

  @Handles(routes.retryRun)
  async retry(@Input() { params, resourceId }: InputOf<typeof routes.retryRun>) {
    const run = await this.runs.retry(resourceId, params.id);
    return created(`/api/v1/runs/${run.id}`, run);
  }

  @Handles(routes.forkRun)
  async fork(@Input() { params, body, resourceId }: InputOf<typeof routes.forkRun>) {
    const run = await this.forks.fork(resourceId, params.id, body);
    return created(`/api/v1/runs/${run.id}`, run);
  }

  @Handles(routes.listSamples)
  listSamples(@Input() { params, query }: InputOf<typeof routes.listSamples>) {
    return this.samples.list(params.id, query);
  }
}

import { Controller, HttpCode } from '@nestjs/common';
import { accepted } from '../http/reply.js';
import { Handles, Input, type InputOf } from '../http/route.js';
import { ChaosService } from './chaos.service.js';
import { causeFault, drainWorker, listWorkers, resumeWorker } from './workers.routes.js';
import { WorkersService } from './workers.service.js';

@Controller()
export class WorkersController {
  constructor(
    private readonly workers: WorkersService,
    private readonly chaos: ChaosService,
  ) {}

  @Handles(listWorkers)
  async list() {
    return { items: await this.workers.list(), nextCursor: null };
  }

  @Handles(drainWorker)
  async drain(@Input() { params }: InputOf<typeof drainWorker>) {
    return accepted(await this.workers.drain(params.worker, true));
  }

  @Handles(resumeWorker)
  async resume(@Input() { params }: InputOf<typeof resumeWorker>) {
    return accepted(await this.workers.drain(params.worker, false));
  }

  @Handles(causeFault)
  @HttpCode(202)
  cause(@Input() { params, body }: InputOf<typeof causeFault>) {
    return this.chaos.cause(params.worker, body);
  }
}

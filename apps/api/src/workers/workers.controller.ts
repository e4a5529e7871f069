import { Controller } from '@nestjs/common';
import { Handles } from '../http/route.js';
import { listWorkers } from './workers.routes.js';
import { WorkersService } from './workers.service.js';

@Controller()
export class WorkersController {
  constructor(private readonly workers: WorkersService) {}

  @Handles(listWorkers)
  async list() {
    return { items: await this.workers.list(), nextCursor: null };
  }
}

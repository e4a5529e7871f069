import { Controller } from '@nestjs/common';
import { deleted } from '../http/reply.js';
import { Handles, Input, type InputOf } from '../http/route.js';
import * as routes from './checkpoints.routes.js';
import { CheckpointsService } from './checkpoints.service.js';

@Controller()
export class CheckpointsController {
  constructor(private readonly checkpoints: CheckpointsService) {}

  @Handles(routes.listCheckpoints)
  list(@Input() { params, query }: InputOf<typeof routes.listCheckpoints>) {
    return this.checkpoints.list(params.id, query);
  }

  @Handles(routes.deleteCheckpoint)
  async delete(@Input() { params }: InputOf<typeof routes.deleteCheckpoint>) {
    await this.checkpoints.delete(params.id, Number(params.step));
    return deleted();
  }
}

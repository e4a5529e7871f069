import { Controller } from '@nestjs/common';
import { created, deleted, Reply } from '../http/reply.js';
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

  @Handles(routes.promoteCheckpoint)
  async promote(@Input() { params, resourceId }: InputOf<typeof routes.promoteCheckpoint>) {
    const model = await this.checkpoints.promote(resourceId, params.id, Number(params.step));
    return model.id === resourceId ? created(`/api/v1/models/${model.id}`, model) : new Reply(200, model);
  }
}

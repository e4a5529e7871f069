import { Controller } from '@nestjs/common';
import { created, deleted } from '../http/reply.js';
import { Handles, Input, type InputOf } from '../http/route.js';
import * as routes from './projects.routes.js';
import { ProjectsService } from './projects.service.js';

@Controller()
export class ProjectsController {
  constructor(private readonly projects: ProjectsService) {}

  @Handles(routes.listProjects)
  list(@Input() { query }: InputOf<typeof routes.listProjects>) {
    return this.projects.list(query);
  }

  @Handles(routes.createProject)
  async create(@Input() { body, resourceId }: InputOf<typeof routes.createProject>) {
    const project = await this.projects.create(resourceId, body);
    return created(`/api/v1/projects/${project.id}`, project);
  }

  @Handles(routes.patchProject)
  patch(@Input() { params, body }: InputOf<typeof routes.patchProject>) {
    return this.projects.patch(params.id, body);
  }

  @Handles(routes.deleteProject)
  async delete(@Input() { params }: InputOf<typeof routes.deleteProject>) {
    await this.projects.delete(params.id);
    return deleted();
  }
}

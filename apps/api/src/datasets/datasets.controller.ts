import { Controller } from '@nestjs/common';
import { Idempotency } from '../http/idempotency.js';
import { withFiles } from '../http/multipart.js';
import { created, deleted, Reply } from '../http/reply.js';
import { Handles, Input, type InputOf } from '../http/route.js';
import * as routes from './datasets.routes.js';
import { DatasetsService } from './datasets.service.js';
import { uploaded, uploadParts } from './uploaded.js';

@Controller()
export class DatasetsController {
  constructor(
    private readonly datasets: DatasetsService,
    private readonly idempotency: Idempotency,
  ) {}

  @Handles(routes.createDataset)
  create(@Input() { request }: InputOf<typeof routes.createDataset>) {
    return withFiles(request, this.datasets.temporary, uploadParts, (parts) => {
      const upload = uploaded(parts);
      const { name, kind, stated, source } = upload;
      return this.idempotency.once(routes.createDataset, request, { name, kind, stated, source }, async () => {
        const { dataset, isNew } = await this.datasets.add(request.resourceId as string, upload);
        return isNew ? created(`/api/v1/datasets/${dataset.id}`, dataset) : new Reply(200, dataset);
      });
    });
  }

  @Handles(routes.listDatasets)
  list(@Input() { query }: InputOf<typeof routes.listDatasets>) {
    return this.datasets.list(query);
  }

  @Handles(routes.getDataset)
  get(@Input() { params }: InputOf<typeof routes.getDataset>) {
    return this.datasets.get(params.id);
  }

  @Handles(routes.previewDataset)
  preview(@Input() { params }: InputOf<typeof routes.previewDataset>) {
    return this.datasets.preview(params.id);
  }

  @Handles(routes.deleteDataset)
  async delete(@Input() { params }: InputOf<typeof routes.deleteDataset>) {
    await this.datasets.delete(params.id);
    return deleted();
  }
}

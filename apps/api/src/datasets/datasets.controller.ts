import { Controller } from '@nestjs/common';
import { datasetUpload } from '@regatta/contracts';
import { Idempotency } from '../http/idempotency.js';
import { checkValue } from '../http/input.js';
import { created, deleted, Reply } from '../http/reply.js';
import { Handles, Input, type InputOf } from '../http/route.js';
import * as routes from './datasets.routes.js';
import { DatasetsService } from './datasets.service.js';
import { withUpload } from './upload.js';

const fields = datasetUpload.omit({ file: true });

@Controller()
export class DatasetsController {
  constructor(
    private readonly datasets: DatasetsService,
    private readonly idempotency: Idempotency,
  ) {}

  @Handles(routes.createDataset)
  create(@Input() { request }: InputOf<typeof routes.createDataset>) {
    return withUpload(request, this.datasets.temporary, (upload) => {
      const { name, kind } = checkValue(fields, upload.fields, 'form');
      return this.idempotency.once(routes.createDataset, request, { name, kind, sha256: upload.sha256 }, async () => {
        const id = request.resourceId as string;
        const { dataset, isNew } = await this.datasets.add(id, name, upload.file, upload.sha256);
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

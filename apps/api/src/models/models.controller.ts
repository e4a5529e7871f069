import { pipeline } from 'node:stream/promises';
import { Controller, Res } from '@nestjs/common';
import { modelImport } from '@regatta/contracts';
import type { Response } from 'express';
import { Idempotency } from '../http/idempotency.js';
import { checkValue } from '../http/input.js';
import { withFiles } from '../http/multipart.js';
import { created, deleted } from '../http/reply.js';
import { Handles, Input, type InputOf } from '../http/route.js';
import { ExportService } from './export.service.js';
import { ImportService } from './import/import.service.js';
import { importedFiles } from './import/import-folder.js';
import * as routes from './models.routes.js';
import { ModelsService } from './models.service.js';

const fields = modelImport.omit({ file: true });
const expected = {
  parts: 'name and file (several)',
  fileParts: { file: 100 },
  wanted: (filename: string) => (importedFiles as readonly string[]).includes(filename),
  /** A BERT large in 32-bit floats has 1.3 GiB. */
  largest: 2 * 1024 ** 3,
};

@Controller()
export class ModelsController {
  constructor(
    private readonly models: ModelsService,
    private readonly imports: ImportService,
    private readonly exports: ExportService,
    private readonly idempotency: Idempotency,
  ) {}

  @Handles(routes.listModels)
  list(@Input() { query }: InputOf<typeof routes.listModels>) {
    return this.models.list(query);
  }

  @Handles(routes.getModel)
  get(@Input() { params }: InputOf<typeof routes.getModel>) {
    return this.models.get(params.id);
  }

  @Handles(routes.patchModel)
  patch(@Input() { params, body }: InputOf<typeof routes.patchModel>) {
    return this.models.patch(params.id, body);
  }

  @Handles(routes.deleteModel)
  async delete(@Input() { params }: InputOf<typeof routes.deleteModel>) {
    await this.models.delete(params.id);
    return deleted();
  }

  @Handles(routes.importModel)
  import(@Input() { request, resourceId }: InputOf<typeof routes.importModel>) {
    return withFiles(request, this.imports.options.temporary, expected, (parts) => {
      const { name } = checkValue(fields, parts.fields, 'form');
      const content = { name, files: parts.files.map(({ filename, sha256 }) => [filename, sha256]) };
      return this.idempotency.once(routes.importModel, request, content, async () => {
        const model = await this.imports.add(request.resourceId ?? resourceId, name, parts.files);
        return created(`/api/v1/models/${model.id}`, model);
      });
    });
  }

  @Handles(routes.exportModel)
  async export(
    @Input() { params, query }: InputOf<typeof routes.exportModel>,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { name, stream } = await this.exports.zip(params.id, query.format);
    response.attachment(`${name}.zip`).type('application/zip');
    await pipeline(stream, response);
  }
}

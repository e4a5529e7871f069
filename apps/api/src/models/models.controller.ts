import { pipeline } from 'node:stream/promises';
import { Controller, Res } from '@nestjs/common';
import type { Response } from 'express';
import { ZipFile } from 'yazl';
import { deleted } from '../http/reply.js';
import { Handles, Input, type InputOf } from '../http/route.js';
import * as routes from './models.routes.js';
import { ModelsService } from './models.service.js';

@Controller()
export class ModelsController {
  constructor(private readonly models: ModelsService) {}

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

  /** Stored, not deflated: weights hardly get smaller. */
  @Handles(routes.exportModel)
  async export(
    @Input() { params }: InputOf<typeof routes.exportModel>,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { name, files } = await this.models.files(params.id);
    const zip = new ZipFile();
    for (const [file, bytes] of files)
      zip.addBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), file, {
        compress: false,
        mtime: new Date(0),
      });
    zip.end();
    response.attachment(`${name.replace(/[^\w.-]+/g, '-')}.zip`).type('application/zip');
    await pipeline(zip.outputStream, response);
  }
}

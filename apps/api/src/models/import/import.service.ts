import path from 'node:path';
import type { model } from '@regatta/contracts';
import type { ArtifactStore } from '@regatta/storage';
import type { z } from 'zod';
import { Database, type Prisma } from '../../database/database.js';
import type { ReceivedFile } from '../../http/multipart.js';
import { runInThread } from '../../threads.js';
import { modelInclude, modelView } from '../model-view.js';
import type { ImportedModel, ImportJob } from './import-folder.js';

export interface ImportOptions {
  /** Where files lie while they are being read. */
  temporary: string;
  artifactsUrl: string;
  /** The built import.worker.js: threads are started from files. */
  entry: URL;
}

/** Models that were trained elsewhere: Hugging Face folders of BERTs. */
export class ImportService {
  constructor(
    private readonly database: Database,
    private readonly store: ArtifactStore,
    readonly options: ImportOptions,
  ) {}

  /**
   * Checks and stores the folder's files, then writes the row: a row never points to nothing. With the same id again (a
   * repeated request) it is the same model.
   * @throws AppError invalid-file naming the file
   */
  async add(id: string, name: string, received: ReceivedFile[]): Promise<z.output<typeof model>> {
    const earlier = await this.database.model.findUnique({ where: { id }, include: modelInclude });
    if (earlier) return modelView(earlier);
    const files = Object.fromEntries(received.map((file) => [path.basename(file.filename), file.path]));
    const job: ImportJob = { files, artifactsUrl: this.options.artifactsUrl, owner: id };
    const { config, parameters, ...rest } = await runInThread<ImportedModel>(this.options.entry, job);
    const data = {
      id,
      name,
      ...rest,
      step: 0,
      parameters: BigInt(parameters),
      config: config as Prisma.InputJsonObject,
      metrics: {},
      createdAt: new Date(),
    };
    try {
      return modelView(await this.database.model.create({ data, include: modelInclude }));
    } catch (error) {
      await this.store.deleteCheckpoints(id);
      throw error;
    }
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { AppError, type listQuery, type model, type modelPatch, type Page } from '@regatta/contracts';
import type { ArtifactStore } from '@regatta/storage';
import type { z } from 'zod';
import { Database, type Prisma } from '../database/database.js';
import { pageOf } from '../http/paging.js';
import { STORE } from '../tokens.js';

export type ModelView = z.output<typeof model>;
const include = { dataset: true } as const;
export type ModelRow = Prisma.ModelGetPayload<{ include: typeof include }>;

/** The files of a Hugging Face folder; a checkpoint holds the optimizer's beside them. */
const exported = ['config.json', 'model.safetensors', 'vocab.txt', 'tokenizer.json', 'tokenizer_config.json'];

@Injectable()
export class ModelsService {
  constructor(
    private readonly database: Database,
    @Inject(STORE) private readonly store: ArtifactStore,
  ) {}

  async list(query: z.output<typeof listQuery>): Promise<Page<ModelView>> {
    const page = await pageOf(query, '-createdAt', (args) => this.database.model.findMany({ ...args, include }));
    return { items: page.items.map(view), nextCursor: page.nextCursor };
  }

  async get(id: string): Promise<ModelView> {
    return view(await this.must(id));
  }

  async patch(id: string, patch: z.output<typeof modelPatch>): Promise<ModelView> {
    await this.must(id);
    return view(await this.database.model.update({ where: { id }, data: patch, include }));
  }

  async delete(id: string): Promise<void> {
    const { count } = await this.database.model.deleteMany({ where: { id } });
    if (count === 0) throw notFound(id);
  }

  /** The model's files by name, verified. @throws AppError conflict when its checkpoint is gone */
  async files(id: string): Promise<{ name: string; files: [string, Uint8Array][] }> {
    const row = await this.must(id);
    const kept = await this.database.checkpoint.count({ where: { runId: row.runId, step: row.step } });
    if (kept === 0) throw new AppError('conflict', `The checkpoint of step ${row.step} of this model was deleted`);
    const { files } = await this.store.readCheckpoint(row.runId, row.step);
    const present = exported.filter((file) => file in files);
    return { name: row.name, files: present.map((file) => [file, files[file]]) };
  }

  async must(id: string): Promise<ModelRow> {
    const row = await this.database.model.findUnique({ where: { id }, include });
    if (!row) throw notFound(id);
    return row;
  }
}

const notFound = (id: string) => new AppError('not-found', `There is no model ${id}`);

function view(row: ModelRow): ModelView {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    task: row.task,
    runId: row.runId,
    dataset: { id: row.dataset.id, name: row.dataset.name, version: row.dataset.version },
    step: row.step,
    weightsSha256: row.weightsSha256,
    parameters: Number(row.parameters),
    config: row.config as ModelView['config'],
    metrics: row.metrics as ModelView['metrics'],
    createdAt: row.createdAt.toISOString(),
  };
}

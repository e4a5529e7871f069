import { Inject, Injectable } from '@nestjs/common';
import { AppError, type listQuery, type modelPatch, type Page } from '@regatta/contracts';
import type { ArtifactStore } from '@regatta/storage';
import type { z } from 'zod';
import { Database } from '../database/database.js';
import { pageOf } from '../http/paging.js';
import { unfinished } from '../runs/run-view.js';
import { STORE } from '../tokens.js';
import { type ModelRow, type ModelView, modelInclude, modelView, ownerOf } from './model-view.js';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The files of a Hugging Face folder; a checkpoint holds the optimizer's beside them. */
const exported = ['config.json', 'model.safetensors', 'vocab.txt', 'tokenizer.json', 'tokenizer_config.json'];

/** What a model is read from: a checkpoint of the artifact store. */
export interface Weights {
  modelId: string;
  owner: string;
  step: number;
}

@Injectable()
export class ModelsService {
  constructor(
    private readonly database: Database,
    @Inject(STORE) private readonly store: ArtifactStore,
  ) {}

  async list(query: z.output<typeof listQuery>): Promise<Page<ModelView>> {
    const page = await pageOf(query, (args) => this.database.model.findMany({ ...args, include: modelInclude }));
    return { items: page.items.map(modelView), nextCursor: page.nextCursor };
  }

  async get(id: string): Promise<ModelView> {
    return modelView(await this.must(id));
  }

  async patch(id: string, patch: z.output<typeof modelPatch>): Promise<ModelView> {
    await this.must(id);
    return modelView(await this.database.model.update({ where: { id }, data: patch, include: modelInclude }));
  }

  /** @throws AppError conflict while an active run starts from it */
  async delete(id: string): Promise<void> {
    const row = await this.must(id);
    const { count } = await this.database.model.deleteMany({
      where: { id, fineTunings: { none: { status: unfinished } } },
    });
    if (count === 0)
      throw new AppError('conflict', 'A run that has not finished starts from this model', {
        next: 'Cancel the run, or wait for its end',
      });
    // Of an imported or promoted one; the checkpoints of a run are its own.
    await this.store.deleteCheckpoints(row.id);
  }

  /** The model of an id, or the newest one of a name. */
  async find(reference: string): Promise<ModelRow | null> {
    const byId = uuid.test(reference)
      ? await this.database.model.findUnique({ where: { id: reference }, include: modelInclude })
      : null;
    return (
      byId ??
      this.database.model.findFirst({
        where: { name: reference },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        include: modelInclude,
      })
    );
  }

  /** A BERT's files by name, verified. @throws AppError conflict when its checkpoint is gone; invalid for another model */
  async files(row: ModelRow): Promise<[string, Uint8Array][]> {
    if (row.kind === 'translation')
      throw new AppError('invalid', 'transformers has no such translation model', {
        next: 'Export it as format=onnx',
        errors: [{ path: 'format', message: 'must be onnx: transformers has no such translation model' }],
      });
    const { owner, step } = await this.weights(row);
    const { files } = await this.store.readCheckpoint(owner, step);
    return exported.filter((file) => file in files).map((file) => [file, files[file]]);
  }

  /** Where its weights are. @throws AppError conflict when they are gone */
  async weights(row: ModelRow): Promise<Weights> {
    if (!(await this.hasWeights(row)))
      throw new AppError('conflict', `The checkpoint of step ${row.step} of this model was deleted`);
    return { modelId: row.id, owner: ownerOf(row), step: row.step };
  }

  async hasWeights(row: Pick<ModelRow, 'id' | 'runId' | 'promoted' | 'step'>): Promise<boolean> {
    return (await this.store.listCheckpoints(ownerOf(row))).includes(row.step);
  }

  async must(id: string): Promise<ModelRow> {
    const row = await this.database.model.findUnique({ where: { id }, include: modelInclude });
    if (!row) throw new AppError('not-found', `There is no model ${id}`);
    return row;
  }
}

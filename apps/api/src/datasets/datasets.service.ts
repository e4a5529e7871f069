import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { AppError, type listQuery, newId, type Page } from '@regatta/contracts';
import type { ArtifactStore } from '@regatta/storage';
import type { z } from 'zod';
import { Database } from '../database/database.js';
import { pageOf } from '../http/paging.js';
import { STORE } from '../tokens.js';
import { builtInNames } from './built-in.js';
import { type DatasetRow, type DatasetView, datasetView } from './dataset-view.js';
import { diskFull } from './disk-full.js';
import { DatasetParser, type ParseJob } from './parser.js';

const previewBytes = 64 * 1024;
const previewDocuments = 20;

/** Datasets: uploaded, or built in and made at their first use; each row is a version. */
@Injectable()
export class DatasetsService {
  private readonly making = new Map<string, Promise<DatasetRow>>();

  constructor(
    private readonly database: Database,
    private readonly parser: DatasetParser,
    @Inject(STORE) private readonly store: ArtifactStore,
    /** Where files lie while they are being read. */
    readonly temporary: string,
  ) {}

  /** The dataset that a run names: an id, a name (newest version) or name@version. @throws AppError invalid */
  async resolve(reference: string): Promise<DatasetRow> {
    const row = (await this.find(reference)) ?? (await this.makeBuiltIn(reference));
    if (!row)
      throw new AppError('invalid', `There is no dataset ${JSON.stringify(reference)}`, {
        next: `Upload one, or use a built-in one (${builtInNames.join(', ')})`,
        errors: [{ path: 'dataset', message: 'there is no dataset of this id, name or name@version' }],
      });
    return row;
  }

  private async find(reference: string): Promise<DatasetRow | null> {
    if (/^[0-9a-f-]{36}$/i.test(reference)) return this.byId(reference);
    const [, name, version] = /^(.*?)(?:@(\d{1,9}))?$/.exec(reference) ?? [];
    return this.database.dataset.findFirst({
      where: { name, version: version === undefined ? undefined : Number(version) },
      orderBy: { version: 'desc' },
    });
  }

  private byId(id: string): Promise<DatasetRow | null> {
    return this.database.dataset.findFirst({ where: { id } });
  }

  async get(id: string): Promise<DatasetView> {
    return datasetView(await this.must(id));
  }

  async list(query: z.output<typeof listQuery>): Promise<Page<DatasetView>> {
    const page = await pageOf(query, '-createdAt', (args) => this.database.dataset.findMany(args));
    return { items: page.items.map(datasetView), nextCursor: page.nextCursor };
  }

  /**
   * Stores an uploaded text. The same bytes under the same name are the version that is there already.
   * @param source SHA-256 of the uploaded bytes
   * @throws AppError invalid-file, disk-full; invalid for the name of a built-in dataset
   */
  async add(id: string, name: string, file: string, source: string): Promise<{ dataset: DatasetView; isNew: boolean }> {
    if (builtInNames.includes(name))
      throw new AppError('invalid', `The name ${name} belongs to a built-in dataset`, {
        errors: [{ path: 'name', message: 'belongs to a built-in dataset' }],
      });
    const earlier = await this.database.dataset.findFirst({ where: { name, source } });
    if (earlier) return { dataset: datasetView(earlier), isNew: false };
    const row = await this.make(
      { kind: 'text', file, output: `${file}.normalised` },
      { id, name, source, builtIn: false },
    );
    return { dataset: datasetView(row), isNew: row.id === id };
  }

  /** Those who ask while it is being made wait for the same one. */
  private async makeBuiltIn(reference: string): Promise<DatasetRow | null> {
    const name = reference.replace(/@1$/, '');
    if (!builtInNames.includes(name)) return null;
    const making = this.making.get(name) ?? this.parseBuiltIn(name).finally(() => this.making.delete(name));
    this.making.set(name, making);
    return making;
  }

  private async parseBuiltIn(name: string): Promise<DatasetRow> {
    const folder = await mkdtemp(path.join(this.temporary, 'built-in-')).catch(diskFull);
    try {
      const job = { kind: 'brown', output: path.join(folder, 'brown') } as const;
      return await this.make(job, { id: newId(), name, source: 'built-in', builtIn: true });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Parses, stores the normalised form, then writes the row: a row never points to nothing. */
  private async make(
    job: ParseJob,
    identity: { id: string; name: string; source: string; builtIn: boolean },
  ): Promise<DatasetRow> {
    const { warnings, ...counts } = await this.parser.parse(job);
    const { sha256, bytes } = await this.store.putBlob(createReadStream(job.output));
    const content = {
      kind: 'text',
      sha256,
      bytes: BigInt(bytes),
      warnings: warnings.map((warning) => ({ ...warning })),
      ...counts,
    };
    return this.database.$transaction(async (tx) => {
      // Versions of a name are counted one request at a time.
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext(${`dataset ${identity.name}`}))`;
      const same = await tx.dataset.findFirst({ where: { name: identity.name, source: identity.source } });
      if (same) return same;
      const newest = await tx.dataset.aggregate({ where: { name: identity.name }, _max: { version: true } });
      return tx.dataset.create({ data: { ...identity, ...content, version: (newest._max.version ?? 0) + 1 } });
    });
  }

  /** The first documents, as far as the first 64 KiB go. */
  async preview(id: string): Promise<{ documents: string[][] }> {
    const { sha256 } = await this.must(id);
    const head = await firstBytes(await this.store.openBlob(sha256), previewBytes);
    const documents = head.split('\n\n').map((document) => document.split('\n').filter((line) => line !== ''));
    return { documents: documents.slice(0, previewDocuments) };
  }

  /** @throws AppError conflict while a run or model points to it, or for a built-in one */
  async delete(id: string): Promise<void> {
    const row = await this.must(id);
    if (row.builtIn) throw new AppError('conflict', 'A built-in dataset stays');
    const { count } = await this.database.dataset.deleteMany({
      where: { id, runs: { none: {} }, models: { none: {} } },
    });
    if (count === 0)
      throw new AppError('conflict', 'Runs or models point to this dataset', { next: 'Delete them first' });
    const others = await this.database.dataset.count({ where: { sha256: row.sha256 } });
    if (others === 0) await this.store.deleteBlob(row.sha256);
  }

  private async must(id: string): Promise<DatasetRow> {
    const row = await this.byId(id);
    if (!row) throw new AppError('not-found', `There is no dataset ${id}`);
    return row;
  }
}

/** The whole lines among a stream's first bytes. */
async function firstBytes(stream: AsyncIterable<Buffer>, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  let cut = false;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    cut = size > most;
    if (cut) break;
  }
  const text = Buffer.concat(chunks).subarray(0, most).toString('utf8');
  return cut ? text.slice(0, Math.max(0, text.lastIndexOf('\n'))) : text;
}

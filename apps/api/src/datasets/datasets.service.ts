import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { AppError, type DatasetKind, type datasetPreview, type listQuery, newId, type Page } from '@regatta/contracts';
import type { ArtifactStore } from '@regatta/storage';
import { isExampleKind, type PartField, parseTextDocuments } from '@regatta/text';
import type { z } from 'zod';
import { Database } from '../database/database.js';
import { pageOf } from '../http/paging.js';
import { STORE } from '../tokens.js';
import { type BuiltInName, builtInKind, builtInNames, isBuiltIn } from './built-in.js';
import { type DatasetRow, type DatasetView, datasetView } from './dataset-view.js';
import { diskFull } from './disk-full.js';
import { DatasetParser, type ParseJob } from './parser.js';
import type { Uploaded } from './uploaded.js';

/** Contexts of questions may be long; of text the first documents are enough. */
const previewBytes = { text: 64 * 1024, examples: 4 * 1024 * 1024 };
const previewed = 20;

/** What makes two datasets of a name the same version. */
interface Identity {
  name: string;
  kind: DatasetKind;
  source: string;
  options: Record<string, string>;
}

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
    const page = await pageOf(query, (args) => this.database.dataset.findMany(args));
    return { items: page.items.map(datasetView), nextCursor: page.nextCursor };
  }

  /**
   * Reads and stores an upload. The same bytes and options under the same name are the version that is there already.
   * @throws AppError invalid-file, disk-full; invalid for options that do not fit, or the name of a built-in dataset
   */
  async add(id: string, upload: Uploaded): Promise<{ dataset: DatasetView; isNew: boolean }> {
    const { name, kind, source } = upload;
    if (isBuiltIn(name))
      throw new AppError('invalid', `The name ${name} belongs to a built-in dataset`, {
        errors: [{ path: 'name', message: 'belongs to a built-in dataset' }],
      });
    const identity = { name, kind, source, options: upload.stated };
    const earlier = await this.database.dataset.findFirst({ where: same(identity) });
    if (earlier) return { dataset: datasetView(earlier), isNew: false };
    const row = await this.make(jobOf(upload), { id, builtIn: false, ...identity });
    return { dataset: datasetView(row), isNew: row.id === id };
  }

  /** Those who ask while it is being made wait for the same one. */
  private async makeBuiltIn(reference: string): Promise<DatasetRow | null> {
    const name = reference.replace(/@1$/, '');
    if (!isBuiltIn(name)) return null;
    const making = this.making.get(name) ?? this.parseBuiltIn(name).finally(() => this.making.delete(name));
    this.making.set(name, making);
    return making;
  }

  private async parseBuiltIn(name: BuiltInName): Promise<DatasetRow> {
    const folder = await mkdtemp(path.join(this.temporary, 'built-in-')).catch(diskFull);
    try {
      const job = { what: 'built-in', name, output: path.join(folder, name) } as const;
      const identity = { name, kind: builtInKind(name), source: 'built-in', options: {} };
      return await this.make(job, { id: newId(), builtIn: true, ...identity });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Parses, stores the normalised form, then writes the row: a row never points to nothing. */
  private async make(job: ParseJob, identity: Identity & { id: string; builtIn: boolean }): Promise<DatasetRow> {
    const { summary, warnings } = await this.parser.parse(job);
    const { documents, sentences, words, examples, ...rest } = summary;
    const { sha256, bytes } = await this.store.putBlob(createReadStream(job.output));
    const content = { sha256, bytes: BigInt(bytes), documents, sentences, words, examples, summary: rest, warnings };
    return this.database.$transaction(async (tx) => {
      // Versions of a name are counted one request at a time.
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext(${`dataset ${identity.name}`}))`;
      const earlier = await tx.dataset.findFirst({ where: same(identity) });
      if (earlier) return earlier;
      const newest = await tx.dataset.aggregate({ where: { name: identity.name }, _max: { version: true } });
      return tx.dataset.create({ data: { ...identity, ...content, version: (newest._max.version ?? 0) + 1 } });
    });
  }

  /** The first documents or examples. */
  async preview(id: string): Promise<z.output<typeof datasetPreview>> {
    const { sha256, kind } = await this.must(id);
    const isText = !isExampleKind(kind as DatasetKind);
    const stream = await this.store.openBlob(sha256);
    const head = await firstBytes(stream, isText ? previewBytes.text : previewBytes.examples);
    if (isText) return { documents: parseTextDocuments(head).slice(0, previewed), examples: [] };
    const lines = head.split('\n', previewed).filter((line) => line !== '');
    return { documents: [], examples: lines.map((line) => JSON.parse(line)) };
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

/** A version is found by its identity; the database compares options whatever the order of their names. */
const same = ({ name, kind, source, options }: Identity) => ({ name, kind, source, options: { equals: options } });

function jobOf({ kind, options, files }: Uploaded): ParseJob {
  const output = `${files[0].path}.normalised`;
  if (!isExampleKind(kind)) return { what: 'text', file: files[0].path, output };
  const parts = files.map((file) => ({ field: file.part as PartField, fileName: file.filename, file: file.path }));
  return { what: 'examples', kind, options, parts, output };
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

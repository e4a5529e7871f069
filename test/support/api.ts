import 'reflect-metadata';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { NestExpressApplication } from '@nestjs/platform-express';
import {
  bullPrefix,
  type DatasetKind,
  type InferenceJob,
  keys,
  newId,
  queueNames,
  type Role,
  type SampleKind,
  type StreamEntry,
} from '@regatta/contracts';
import { type ArtifactStore, openStore } from '@regatta/storage';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import request from 'supertest';
import { createApp } from '../../apps/api/src/create-app.js';
import { Database } from '../../apps/api/src/database/database.js';
import type { ApiOptions } from '../../apps/api/src/options.js';
import { type DatabaseKind, startDatabase, type TestDatabase } from './database.js';
import { startRedis, type TestRedis } from './redis.js';

const root = path.resolve(import.meta.dirname, '../..');

type Method = 'get' | 'post' | 'patch' | 'delete';

/** The whole API in this process, on servers of its own. */
export class TestApi {
  readonly roles = {} as Record<Role, string>;

  private constructor(
    readonly app: NestExpressApplication,
    readonly database: TestDatabase,
    readonly redisServer: TestRedis,
    readonly redis: Redis,
    readonly dataDir: string,
    readonly url: string,
  ) {}

  /** @param over settings that differ from the usual */
  static async start(kind: DatabaseKind = 'pglite', over: Partial<ApiOptions> = {}): Promise<TestApi> {
    const [database, redisServer] = await Promise.all([startDatabase(kind), startRedis()]);
    const dataDir = await mkdtemp(path.join(tmpdir(), 'regatta-api-'));
    const app = await createApp(apiOptions(database.url, redisServer.url, dataDir, over));
    await app.listen(0, '127.0.0.1');
    const redis = new Redis(redisServer.url, { maxRetriesPerRequest: null });
    redis.on('error', () => undefined);
    const api = new TestApi(app, database, redisServer, redis, dataDir, await app.getUrl());
    await api.makeKeys();
    return api;
  }

  private async makeKeys(): Promise<void> {
    this.roles.admin = await readFile(path.join(this.dataDir, 'api-key'), 'utf8');
    for (const role of ['viewer', 'member'] as const) {
      const made = await this.call('post', '/api-keys', { as: 'admin', body: { name: role, role } });
      this.roles[role] = made.body.key as string;
    }
  }

  /** Prisma, as the API itself uses it. */
  get rows(): Database {
    return this.app.get(Database);
  }

  /** A call under /api/v1 with the key of a role (null: with none). */
  call(
    method: Method,
    route: string,
    options: { as?: Role | null; body?: object; headers?: Record<string, string> } = {},
  ): request.Test {
    const { as = 'member', body, headers = {} } = options;
    const test = request(this.url)[method](`/api/v1${route}`).set(headers);
    if (as) test.set('authorization', `Bearer ${this.roles[as]}`);
    return body === undefined ? test : test.send(body);
  }

  /** A dataset's row without its file: enough for runs that nobody trains. */
  async dataset(name = 'words', kind: DatasetKind = 'text', summary: object = {}): Promise<string> {
    const id = newId();
    const counts = kind === 'text' ? { documents: 3, sentences: 5, words: 7 } : { examples: 5, words: 7 };
    const content = { kind, summary, sha256: 'ab'.repeat(32), source: newId(), bytes: 11n, warnings: [] };
    await this.rows.dataset.create({ data: { id, name, version: 1, ...content, ...counts } });
    return id;
  }

  /** The artifact store that this API uses. */
  get store(): ArtifactStore {
    return openStore(apiOptions('', '', this.dataDir).artifactsUrl);
  }

  /** POST /models/import of a folder's files. */
  import(name: string, files: Record<string, Buffer>, headers: Record<string, string> = {}): request.Test {
    const test = this.call('post', '/models/import', { headers }).field('name', name);
    for (const [file, bytes] of Object.entries(files)) test.attach('file', bytes, file);
    return test;
  }

  /** A worker that beats for as long as the test runs. */
  async beat(id = 'w'): Promise<void> {
    const [seconds] = await this.redis.time();
    const alive = { id, host: 'h', pid: 1, status: 'idle', fingerprint: 'f', threads: 1, memoryBytes: 1 };
    const idle = { runId: null, rank: null, generation: null, startedAt: time() };
    await this.redis.hset(
      keys.workers,
      id,
      JSON.stringify({ ...alive, ...idle, beat: (Number(seconds) + 3600) * 1000 }),
    );
  }

  /** Answers what predictors are asked, on the queue that they listen to. */
  predictor(answer: (job: InferenceJob) => unknown): Worker<InferenceJob> {
    const connection = { url: this.redisServer.url };
    return new Worker<InferenceJob>(queueNames.inference, async ({ data }) => answer(data), {
      connection,
      prefix: bullPrefix,
    });
  }

  /** A queued run. @returns its id */
  async run(body: object = {}): Promise<string> {
    if (!(await this.rows.dataset.findFirst({ where: { name: 'words' } }))) await this.dataset();
    const made = await this.call('post', '/runs', { body: { task: 'bert-pretrain', dataset: 'words', ...body } });
    if (made.status !== 201) throw new Error(JSON.stringify(made.body));
    return made.body.id as string;
  }

  /** What a worker would tell. */
  async tell(...entries: StreamEntry[]): Promise<void> {
    for (const entry of entries) await this.redis.xadd(keys.stream, '*', 'data', JSON.stringify(entry));
  }

  async stop(): Promise<void> {
    await this.app.close();
    this.redis.disconnect();
    await Promise.all([this.database.stop(), this.redisServer.stop()]);
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

export function apiOptions(
  databaseUrl: string,
  redisUrl: string,
  dataDir: string,
  over: Partial<ApiOptions> = {},
): ApiOptions {
  return {
    databaseUrl,
    redisUrl,
    dataDir,
    artifactsUrl: pathToFileURL(path.join(dataDir, 'artifacts')).href,
    logger: pino({ level: 'silent' }),
    dashboard: path.join(dataDir, 'dashboard'),
    parserEntry: pathToFileURL(path.join(root, 'apps/api/dist/datasets/parse.worker.js')),
    importerEntry: pathToFileURL(path.join(root, 'apps/api/dist/models/import/import.worker.js')),
    chaos: false,
    rateLimit: { requests: 100_000, signIns: 1000 },
    ...over,
  };
}

const time = () => new Date().toISOString();

/** Entries as workers write them. */
export const entry = {
  metrics: (runId: string, step: number, values: Record<string, number | null>, over = {}): StreamEntry => ({
    type: 'metrics',
    runId,
    generation: 1,
    time: time(),
    step,
    epoch: 0,
    values,
    ...over,
  }),
  event: (runId: string, key: string, over = {}): StreamEntry => ({
    type: 'event',
    runId,
    generation: 1,
    time: time(),
    key,
    event: 'warning',
    step: 0,
    message: key,
    data: {},
    ...over,
  }),
  state: (runId: string, epoch: number, status: string, over = {}): StreamEntry =>
    ({
      type: 'state',
      runId,
      generation: 1,
      time: time(),
      epoch,
      status,
      restarts: 0,
      workers: [],
      reason: 'test',
      error: null,
      weightsSha256: null,
      goodput: null,
      fingerprint: '',
      ...over,
    }) as StreamEntry,
  checkpoint: (runId: string, step: number, over = {}): StreamEntry => ({
    type: 'checkpoint',
    runId,
    generation: 1,
    time: time(),
    step,
    sha256: 'cd'.repeat(32),
    weightsSha256: 'ef'.repeat(32),
    bytes: 13,
    metrics: {},
    removed: false,
    ...over,
  }),
  samples: (runId: string, step: number, kind: SampleKind, data: unknown): StreamEntry => ({
    type: 'samples',
    runId,
    generation: 1,
    time: time(),
    step,
    kind,
    data,
  }),
  model: (runId: string, step: number): StreamEntry => ({
    type: 'model',
    runId,
    generation: 1,
    time: time(),
    step,
    weightsSha256: 'ef'.repeat(32),
    parameters: 17,
    config: { model_type: 'bert', architectures: ['BertForPreTraining'] },
    metrics: {},
  }),
};

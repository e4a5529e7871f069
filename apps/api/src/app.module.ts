import path from 'node:path';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { type ArtifactStore, openStore } from '@regatta/storage';
import type { Logger } from 'pino';
import { AuthController } from './auth/auth.controller.js';
import { AuthGuard } from './auth/auth.guard.js';
import { AuthService } from './auth/auth.service.js';
import { BootstrapKey } from './auth/bootstrap-key.js';
import { CheckpointsController } from './checkpoints/checkpoints.controller.js';
import { CheckpointsService } from './checkpoints/checkpoints.service.js';
import { Database } from './database/database.js';
import { DatasetsController } from './datasets/datasets.controller.js';
import { DatasetsService } from './datasets/datasets.service.js';
import { DatasetParser } from './datasets/parser.js';
import { EventsController } from './events/events.controller.js';
import { HealthController } from './health/health.controller.js';
import { Idempotency } from './http/idempotency.js';
import { ProblemFilter } from './http/problem.filter.js';
import { ReplyInterceptor } from './http/reply.interceptor.js';
import { LogsController } from './logs/logs.controller.js';
import { LogsService } from './logs/logs.service.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { MetricsService } from './metrics/metrics.service.js';
import { ExportService } from './models/export.service.js';
import { ImportService } from './models/import/import.service.js';
import { ModelsController } from './models/models.controller.js';
import { ModelsService } from './models/models.service.js';
import { OpenapiController } from './openapi/openapi.controller.js';
import { QueueBoard } from './operations/queue-board.js';
import type { ApiOptions } from './options.js';
import { Persister } from './persister/persister.js';
import { RecentPoints } from './persister/recent-points.js';
import { RunChanges } from './persister/run-changes.js';
import { InferenceService } from './predict/inference.service.js';
import { ModelSources } from './predict/model-sources.js';
import { PredictController } from './predict/predict.controller.js';
import { PredictService } from './predict/predict.service.js';
import { ProjectsController } from './projects/projects.controller.js';
import { ProjectsService } from './projects/projects.service.js';
import { ControlRedis } from './redis/control-redis.js';
import { InferenceQueue } from './redis/inference-queue.js';
import { RunQueue } from './redis/run-queue.js';
import { CompareController } from './runs/compare.controller.js';
import { EstimatesService } from './runs/estimates.service.js';
import { ForkService } from './runs/fork.service.js';
import { Reconciler } from './runs/reconciler.js';
import { RunControl } from './runs/run-control.js';
import { RunInputsService } from './runs/run-inputs.js';
import { RunsController } from './runs/runs.controller.js';
import { RunsService } from './runs/runs.service.js';
import { SamplesService } from './runs/samples.service.js';
import { Looks } from './stream/looks.js';
import { StreamController } from './stream/stream.controller.js';
import { StreamService } from './stream/stream.service.js';
import { LOGGER, STORE } from './tokens.js';
import { ChaosService } from './workers/chaos.service.js';
import { WorkersController } from './workers/workers.controller.js';
import { WorkersService } from './workers/workers.service.js';

const controllers = [
  HealthController,
  OpenapiController,
  AuthController,
  RunsController,
  CompareController,
  MetricsController,
  EventsController,
  LogsController,
  StreamController,
  CheckpointsController,
  DatasetsController,
  ModelsController,
  PredictController,
  WorkersController,
  ProjectsController,
];

@Module({})
class AppModule {}

/** The rooms of the API, wired to what they depend on. */
export function appModule(options: ApiOptions): DynamicModule {
  return {
    module: AppModule,
    controllers,
    providers: [
      { provide: LOGGER, useValue: options.logger },
      { provide: STORE, useFactory: (): ArtifactStore => openStore(options.artifactsUrl) },
      { provide: Database, useFactory: () => new Database(options.databaseUrl) },
      { provide: ControlRedis, useFactory: () => new ControlRedis(options.redisUrl) },
      { provide: RunQueue, useFactory: () => new RunQueue(options.redisUrl) },
      { provide: InferenceQueue, useFactory: () => new InferenceQueue(options.redisUrl) },
      { provide: DatasetParser, useFactory: () => new DatasetParser(options.parserEntry) },
      {
        provide: DatasetsService,
        inject: [Database, DatasetParser, STORE],
        useFactory: (database: Database, parser: DatasetParser, store: ArtifactStore) =>
          new DatasetsService(database, parser, store, path.join(options.dataDir, 'uploads')),
      },
      {
        provide: ImportService,
        inject: [Database, STORE],
        useFactory: (database: Database, store: ArtifactStore) =>
          new ImportService(database, store, {
            temporary: path.join(options.dataDir, 'uploads'),
            artifactsUrl: options.artifactsUrl,
            entry: options.importerEntry,
          }),
      },
      {
        provide: BootstrapKey,
        inject: [AuthService],
        useFactory: (auth: AuthService) => new BootstrapKey(options.dataDir, auth),
      },
      AuthService,
      Idempotency,
      RunChanges,
      RecentPoints,
      Persister,
      {
        provide: WorkersService,
        inject: [ControlRedis, Database],
        useFactory: (redis: ControlRedis, database: Database) => new WorkersService(redis, database, options.chaos),
      },
      {
        provide: ChaosService,
        inject: [ControlRedis, WorkersService],
        useFactory: (redis: ControlRedis, workers: WorkersService) => new ChaosService(redis, workers, options.chaos),
      },
      RunControl,
      Reconciler,
      ProjectsService,
      CheckpointsService,
      ModelsService,
      RunInputsService,
      EstimatesService,
      RunsService,
      ForkService,
      SamplesService,
      MetricsService,
      LogsService,
      Looks,
      StreamService,
      ModelSources,
      InferenceService,
      PredictService,
      ExportService,
      QueueBoard,
      { provide: APP_GUARD, useClass: AuthGuard },
      { provide: APP_INTERCEPTOR, useClass: ReplyInterceptor },
      { provide: APP_FILTER, inject: [LOGGER], useFactory: (logger: Logger) => new ProblemFilter(logger) },
    ],
  };
}

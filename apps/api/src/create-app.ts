import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { appModule } from './app.module.js';
import { answerClientErrors } from './http/client-error.js';
import { compressAnswers } from './http/compressed.js';
import { serveDashboard } from './http/dashboard.js';
import { ProblemFilter } from './http/problem.filter.js';
import { limitRates } from './http/rate-limit.js';
import { securityHeaders } from './http/security-headers.js';
import { serveDocs } from './openapi/docs.js';
import { servePrometheus } from './operations/prometheus.js';
import { serveQueueBoard } from './operations/queue-board.js';
import type { ApiOptions } from './options.js';

/** Bodies other than uploads: a raw prediction of 64 sequences of 2,048 ids is the largest. */
const largestJson = '4mb';

/** The API, complete and not yet listening. */
export async function createApp(options: ApiOptions): Promise<NestExpressApplication> {
  const uploads = path.join(options.dataDir, 'uploads');
  // What lies there belongs to requests that died with their process.
  await rm(uploads, { recursive: true, force: true });
  await mkdir(uploads, { recursive: true });
  const app = await NestFactory.create<NestExpressApplication>(appModule(options), {
    bodyParser: false,
    logger: false,
    abortOnError: false,
  });
  answerClientErrors(app);
  app.use(securityHeaders());
  compressAnswers(app);
  servePrometheus(app, options.logger);
  serveQueueBoard(app, new ProblemFilter(options.logger));
  limitRates(app, options.rateLimit);
  serveDashboard(app, options.dashboard);
  serveDocs(app);
  app.useBodyParser('json', { limit: largestJson });
  return app;
}

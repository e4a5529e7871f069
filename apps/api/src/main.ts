import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { ConfigError, loadConfig, required } from '@regatta/config';
import { pino } from 'pino';
import { createApp } from './create-app.js';
import { migrateDeploy } from './database/migrate.js';
import { explainStart } from './start-error.js';

const fromHere = (relative: string): URL => new URL(relative, import.meta.url);

async function main(): Promise<void> {
  const config = loadConfig();
  const logger = pino({ name: 'api', level: config.logLevel });
  const databaseUrl = required(config, 'databaseUrl', 'DATABASE_URL');
  const applied = await migrateDeploy(databaseUrl, fileURLToPath(fromHere('../../../prisma/migrations')));
  if (applied.length > 0) logger.info({ migrations: applied }, 'the database is up to date now');
  const app = await createApp({
    databaseUrl,
    redisUrl: required(config, 'redisUrl', 'REDIS_URL'),
    artifactsUrl: config.artifactsUrl,
    dataDir: config.dataDir,
    logger,
    dashboard: fileURLToPath(fromHere('../../dashboard/dist')),
    parserEntry: fromHere('./datasets/parse.worker.js'),
    importerEntry: fromHere('./models/import/import.worker.js'),
    chaos: config.chaos,
    rateLimit: { requests: config.rateLimit, signIns: 10 },
  });
  app.enableShutdownHooks(['SIGINT', 'SIGTERM']);
  await app.listen(config.port, config.host);
  logger.info({ url: await app.getUrl() }, 'the API listens');
}

try {
  await main();
} catch (error) {
  // One sentence for a person; the stack only where nobody foresaw it.
  console.error(error instanceof ConfigError ? error.message : explainStart(error));
  process.exit(1);
}

import type { Logger } from 'pino';

/** All that a running API depends on. */
export interface ApiOptions {
  databaseUrl: string;
  redisUrl: string;
  artifactsUrl: string;
  dataDir: string;
  logger: Logger;
  /** The dashboard's build; its pages are served where it exists. */
  dashboard: string;
  /** The built parse.worker.js: threads are started from files. */
  parserEntry: URL;
  /** The built import.worker.js, likewise. */
  importerEntry: URL;
  /** Requests a minute, by key and for signing in by address. */
  /** Whether workers may be told of faults on purpose. */
  chaos: boolean;
  rateLimit: { requests: number; signIns: number };
}

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

const url = (protocols: string[], example: string) =>
  z
    .string()
    .refine(
      (value) => protocols.some((p) => value.startsWith(`${p}:`)),
      `must start with ${protocols.join(': or ')}: (such as ${example})`,
    );
const redisUrl = url(['redis', 'rediss', 'unix'], 'redis://127.0.0.1:6379');

/** Every setting; `.env.example` explains each one to people. */
export const settings = z.object({
  PORT: z.coerce.number().int().min(1).max(65_535).default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATA_DIR: z
    .string()
    .min(1)
    .default('.regatta')
    .transform((dir) => path.resolve(dir)),
  WORKERS: z.coerce.number().int().min(0).max(64).default(2),
  THREADS: z.coerce.number().int().min(1).max(256).default(1),
  DATABASE_URL: url(['postgres', 'postgresql'], 'postgresql://user:password@host:5432/regatta').optional(),
  REDIS_URL: redisUrl.optional(),
  GRADIENT_REDIS_URL: z
    .string()
    .transform((list) => list.split(',').map((one) => one.trim()))
    .pipe(z.array(redisUrl).min(1))
    .optional(),
  ARTIFACTS_URL: url(['file'], 'file:///var/lib/regatta/artifacts').optional(),
  ENGINE: z
    .enum(['compiled', 'compiled:cuda', 'compiled:webgpu', 'tfjs-node-gpu', 'tfjs-node', 'wasm', 'cpu'])
    .default('compiled'),
  RATE_LIMIT: z.coerce.number().int().min(1).max(10_000_000).default(1200),
  CHAOS: z.enum(['0', '1'], 'must be 1 (faults on demand) or 0').default('0'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export interface Config {
  port: number;
  host: string;
  dataDir: string;
  workers: number;
  threads: number;
  databaseUrl?: string;
  redisUrl?: string;
  gradientRedisUrls?: string[];
  artifactsUrl: string;
  engine: z.output<typeof settings>['ENGINE'];
  logLevel: z.output<typeof settings>['LOG_LEVEL'];
  /** Requests a minute that the API answers to each key. */
  rateLimit: number;
  /** Whether API and workers take faults on purpose. */
  chaos: boolean;
}

/** A setting that is wrong or missing: named, never echoed (it may hold a password). */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * The only reader of the environment. Empty values count as not set.
 * @throws ConfigError naming the variable and what it must be
 */
export function loadConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = settings.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path[0] as string}: ${issue.message}`);
    throw new ConfigError(`These settings are wrong (see .env.example):\n  ${lines.join('\n  ')}`);
  }
  const s = parsed.data;
  return {
    port: s.PORT,
    host: s.HOST,
    dataDir: s.DATA_DIR,
    workers: s.WORKERS,
    threads: s.THREADS,
    databaseUrl: s.DATABASE_URL,
    redisUrl: s.REDIS_URL,
    gradientRedisUrls: s.GRADIENT_REDIS_URL,
    artifactsUrl: s.ARTIFACTS_URL ?? pathToFileURL(path.join(s.DATA_DIR, 'artifacts')).href,
    engine: s.ENGINE,
    logLevel: s.LOG_LEVEL,
    rateLimit: s.RATE_LIMIT,
    chaos: s.CHAOS === '1',
  };
}

/** The value of a setting that this program cannot do without. */
export function required<K extends keyof Config>(config: Config, key: K, variable: string): NonNullable<Config[K]> {
  const value = config[key];
  if (value === undefined || value === null)
    throw new ConfigError(`${variable} is not set; start everything with \`npm start\`, or set it (see .env.example)`);
  return value as NonNullable<Config[K]>;
}

/** The environment for a child process: this one's, with `extra` on top (some settings of a program can only be given so, such as malloc's). */
export function childEnvironment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  return { ...process.env, ...extra };
}

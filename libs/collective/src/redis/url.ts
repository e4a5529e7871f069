import { AppError } from '@regatta/contracts';

export interface RedisAddress {
  host: string;
  port: number;
  /** A Unix socket; host and port do not count then. */
  path?: string;
  username?: string;
  password?: string;
  database: number;
  /** For people: without the password. */
  name: string;
}

/** Reads `redis://[user[:password]@]host[:port][/database]`, `unix:///path[?db=N]` or a plain `/path` to a socket. Throws 'invalid'. */
export function parseRedisUrl(text: string): RedisAddress {
  const url = URL.canParse(text) ? new URL(text) : text.startsWith('/') ? new URL(`unix://${text}`) : null;
  if (url?.protocol !== 'redis:' && url?.protocol !== 'unix:') {
    throw new AppError('invalid', 'the address of a gradient server is neither redis://, unix:// nor a path', {
      next: 'Set GRADIENT_REDIS_URL to redis://host:6379 or to the path of a Unix socket. TLS is not spoken here: use a private network.',
    });
  }
  const database = Number(url.protocol === 'redis:' ? url.pathname.slice(1) : (url.searchParams.get('db') ?? 0));
  if (!Number.isInteger(database)) {
    throw new AppError('invalid', 'the database in the address of a gradient server is not a number');
  }
  const host = url.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1';
  const port = Number(url.port || 6379);
  const path = url.protocol === 'unix:' ? decodeURIComponent(url.pathname) : undefined;
  return {
    host,
    port,
    path,
    username: url.username ? decodeURIComponent(url.username) : undefined,
    password: url.password ? decodeURIComponent(url.password) : undefined,
    database,
    name: path ?? `${host}:${port}`,
  };
}

import type { OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';

/** Where a `redis:`, `rediss:` or `unix:` URL leads, as BullMQ and ioredis take it. */
export const connectionOptions = (url: string): { url: string } | { path: string } =>
  url.startsWith('unix:') ? { path: url.replace(/^unix:(\/\/)?/, '') } : { url };

/** ioredis's first argument: it takes a socket's path and a URL alike. */
const addressOf = (url: string): string => {
  const options = connectionOptions(url);
  return 'path' in options ? options.path : options.url;
};

/** The control Redis for calls that someone waits for: a server that is away is an error at once, not a hanging request. */
export class ControlRedis extends Redis implements OnApplicationShutdown {
  constructor(readonly address: string) {
    super(addressOf(address), { maxRetriesPerRequest: 1, connectTimeout: 3000, commandTimeout: 3000 });
    // Without a listener each failed reconnection would be printed; callers see the error of their own command.
    this.on('error', () => undefined);
  }

  /** A connection of its own for blocking reads, which waits for as long as the server is away. */
  blocking(): Redis {
    const reader = new Redis(addressOf(this.address), { maxRetriesPerRequest: null });
    reader.on('error', () => undefined);
    return reader;
  }

  onApplicationShutdown(): void {
    this.disconnect();
  }
}

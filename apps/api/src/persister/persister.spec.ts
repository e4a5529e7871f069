import { describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import type { Database } from '../database/database.js';
import type { ControlRedis } from '../redis/control-redis.js';
import { Persister } from './persister.js';
import { RecentPoints } from './recent-points.js';
import { RunChanges } from './run-changes.js';

describe('the persister', () => {
  it('ends while it waits for a Redis that is gone, between two attempts to connect too', async () => {
    // port 1: refused at once
    const reader = new Redis('redis://127.0.0.1:1', { maxRetriesPerRequest: null, retryStrategy: () => 3_600_000 });
    reader.on('error', () => undefined);
    const redis = { blocking: () => reader } as unknown as ControlRedis;
    const streamCursor = { createMany: async () => undefined, findUniqueOrThrow: async () => ({ position: '0-0' }) };
    const database = { streamCursor } as unknown as Database;
    const log = pino({ level: 'silent' });
    const persister = new Persister(database, redis, new RunChanges(), new RecentPoints(), log);
    persister.onApplicationBootstrap();
    await new Promise((resolve) => reader.once('reconnecting', resolve));
    await persister.onModuleDestroy();
    expect(reader.status).toBe('reconnecting');
  }, 120_000);
});

import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { Queue, QueueEvents } from 'bullmq';
import { closeQueues } from './close-queues.js';

describe('closing what BullMQ has open', () => {
  it('comes to an end where the server is not there, between two attempts to connect too', async () => {
    // port 1: refused at once
    const connection = { url: 'redis://127.0.0.1:1' };
    const queue = new Queue('q', { connection: { ...connection, maxRetriesPerRequest: 1, enableOfflineQueue: false } });
    const events = new QueueEvents('q', { connection: { ...connection, maxRetriesPerRequest: null } });
    queue.on('error', () => undefined);
    events.on('error', () => undefined);
    await Promise.all([once(queue, 'error'), once(events, 'error')]);
    await closeQueues(queue, events);
    expect(queue.closing).toBeDefined();
    expect(events.closing).toBeDefined();
  }, 120_000);
});

import type { Queue, QueueEvents } from 'bullmq';

/**
 * Closes what BullMQ has open, without a goodbye to the server: while that is away, BullMQ's own way would last for ever. Between two attempts
 * to connect, ioredis neither answers what it is asked nor tells the end that BullMQ waits for.
 */
export async function closeQueues(...open: (Queue | QueueEvents)[]): Promise<void> {
  const closed = open.map((one) => one.backend.close(true));
  // lets go of what else they have; what they wait for may never come
  for (const one of open) void one.close().catch(() => undefined);
  await Promise.all(closed);
}
